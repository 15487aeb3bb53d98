/** What the client must do with a real node: `describeRealNode('name', start)` in the file of whoever can start one. */
import {
  type ContractArtifact,
  defaultParameters,
  lucidAnchors,
  lucidGovernor,
  lucidNodes,
  lucidTimelock,
  paramRegistry,
} from '@lucid/chain-contracts';
import fc from 'fast-check';
import { getAddress, toHex } from 'viem';
import { createAccount } from '../src/account.ts';
import {
  type Abi,
  constructorInputs,
  createChainClient,
  createChainView,
  createdAddress,
  decodeEvents,
  decodeRevert,
  encodeCall,
  encodeValues,
  type Hex,
  type Intent,
  isChainClientError,
  type JsonRpcRequest,
  joined,
  valuesFromJson,
} from '../src/index.ts';
import { ChainRpc, RpcFault } from '../src/json-rpc.ts';
import { refusalOf } from '../src/refusal.ts';
import { createMemoryOutbox, type RememberingOutbox } from './memory-outbox.ts';
import type { Payment, ReferenceNode } from './reference-node.ts';

const GWEI = 1_000_000_000n;
const CHAIN_ID = 1337;
const SINK: Hex = `0x${'4c'.repeat(20)}`;
const POLL_MS = 20;

let keys = 0;
const freshKey = (): string => (++keys).toString(16).padStart(64, '5');
let words = 0;
const word = (): Hex => toHex(++words, { size: 32 });

type Creatable = Pick<ContractArtifact, 'abi' | 'bytecode'>;

type Fault = 'none' | 'lost-before' | 'lost-after' | 'killed';

class Killed extends Error {}

function passedFault(error: unknown): null {
  if (error instanceof RpcFault) return null;
  throw error;
}

export function describeRealNode(
  name: string,
  start: () => Promise<ReferenceNode>,
  { where = describe, runs = 10 }: { where?: typeof describe | typeof describe.skip; runs?: number } = {},
): void {
  where(`the chain client with ${name}`, () => {
    let node: ReferenceNode;
    beforeAll(async () => {
      node = await start();
    });
    afterAll(() => node?.close());

    /** Looks again soon; where the node makes no blocks by itself, each look comes with one. */
    const clock = {
      nowMs: () => Date.now(),
      sleep: async () => {
        await node.mine();
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      },
    };
    const settingsOf = (secretKey: string) => ({
      chainId: CHAIN_ID,
      secretKey,
      confirmations: 1,
      timeoutMs: 30_000,
    });

    async function paid(request: Payment): Promise<Hex> {
      const hash = await node.pay(request);
      const rpc = new ChainRpc(node.call);
      for (;;) {
        // geth refuses while its index is behind: ask again.
        const receipt = await rpc.receipt(hash).catch(passedFault);
        if (receipt) return receipt.contractAddress ?? hash;
        await clock.sleep();
      }
    }

    async function fundedKey(wei = 10n ** 20n): Promise<{ secretKey: string; address: Hex }> {
      const secretKey = freshKey();
      const { address } = createAccount(secretKey, CHAIN_ID);
      await paid({ to: address, value: wei });
      return { secretKey, address };
    }

    it('sends a contract’s call, reads it back, decodes its event and its refusals', async () => {
      const { secretKey, address } = await fundedKey();
      const client = createChainClient(settingsOf(secretKey), {
        call: node.call,
        clock,
        outbox: await createMemoryOutbox(),
      });
      const contract = {
        address: await paid({ data: lucidAnchors.bytecode, gas: 3_000_000n }),
        abi: lucidAnchors.abi as Abi,
      };
      const [sessionId, manifestHash, merkleRoot] = [word(), word(), word()];
      const data = encodeCall(contract.abi, 'registerSession', [
        sessionId,
        manifestHash,
        1_700_000_000n,
        address,
        merkleRoot,
        9,
      ]);
      const intent: Intent = { intentId: 'a', to: contract.address, data, abi: contract.abi };
      const receipt = await client.send(intent);
      const [event, ...others] = decodeEvents(contract, receipt.logs);
      expect(others).toEqual([]);
      expect(event).toMatchObject({
        name: 'SessionRegistered',
        args: { sessionId, manifestHash, merkleRoot, chunkCount: 9 },
      });
      expect(await client.read(contract, 'registrationOf', [sessionId])).not.toBe(toHex(0, { size: 32 }));
      const reason = { name: 'SessionAlreadyRegistered', args: [sessionId] };
      await expect(client.send({ ...intent, intentId: 'b' })).rejects.toMatchObject({
        code: 'call_reverted',
        reason,
      });
      const blind = client.send({ ...intent, intentId: 'c', gas: 200_000n });
      await expect(blind).rejects.toMatchObject({ code: 'transaction_reverted', reason });
    });

    it('makes contracts that know each other’s addresses, as it was simulated', async () => {
      const { secretKey, address } = await fundedKey();
      const client = createChainClient(settingsOf(secretKey), {
        call: node.call,
        clock,
        outbox: await createMemoryOutbox(),
      });
      const view = createChainView(CHAIN_ID, node.call);
      const made = (artifact: Creatable, args: readonly unknown[]): Hex => {
        const inputs = constructorInputs(artifact.abi as Abi);
        return joined(artifact.bytecode, encodeValues(inputs, valuesFromJson(inputs, args)));
      };
      const [timelock, registry, nodes, governor] = [0, 1, 2, 3].map((nonce) =>
        createdAddress(address, nonce),
      );
      const parameters = defaultParameters.map((each) => ({
        ...each,
        ...{ value: String(each.value), min: String(each.min), max: String(each.max) },
      }));
      const creations = [
        made(lucidTimelock, [governor]),
        made(paramRegistry, [timelock, parameters]),
        made(lucidNodes, [registry, [address], [], [address]]),
        made(lucidGovernor, [timelock, nodes]),
      ].map((data) => ({ kind: 'create', data, value: 0n }) as const);
      const asked = encodeCall(paramRegistry.abi as Abi, 'getByName', ['GOV_QUORUM_PERCENT']);
      const read = { kind: 'read', to: registry!, data: asked } as const;
      const renounced = encodeCall(lucidNodes.abi as Abi, 'renounceRole', [word(), address]);
      const call = { kind: 'call', to: nodes!, data: renounced, value: 0n } as const;
      const steps = [...creations.slice(0, 3), call, read];
      const account = { from: address, nonce: 0 };
      // A call counts the nonce, too: behind it the governor is not where the timelock expects it.
      const late = await view.simulate(account, [...steps, creations[3]!, read]);
      expect(late.map(({ ok }) => ok)).toEqual([true, true, true, true, true, false]);
      expect(decodeRevert(late[5]!.data, lucidGovernor.abi as Abi)).toEqual({
        name: 'TimelockServesAnother',
        args: [getAddress(timelock!)],
      });
      const simulated = await view.simulate(account, [...creations, read, call]);
      expect(simulated.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
      expect(BigInt(simulated[4]!.data)).toBe(67n);
      for (const [at, { data }] of creations.entries()) {
        const intent: Intent = { intentId: `creation-${at}`, to: null, data, nonce: at };
        const receipt = await client.send(intent);
        expect(receipt.contractAddress).toBe(createdAddress(address, at));
        expect(await view.code(receipt.contractAddress!)).not.toBe('0x');
        const ratio = Number(simulated[at]!.gas) / Number(receipt.gasUsed);
        expect(ratio).toBeGreaterThan(0.9);
        expect(ratio).toBeLessThan(1.1);
      }
      const gone = await client.send({ intentId: 'creation-3', to: null, data: creations[3]!.data });
      expect(gone.contractAddress).toBe(governor);
      const unready = { intentId: 'lost', to: null, data: creations[3]!.data, abi: lucidGovernor.abi as Abi };
      await expect(client.send(unready)).rejects.toMatchObject({
        code: 'call_reverted',
        reason: { name: 'TimelockServesAnother' },
      });
    });

    it('refusals are understood as they are meant', async () => {
      const { secretKey } = await fundedKey();
      const account = createAccount(secretKey, CHAIN_ID);
      const poor = createAccount(freshKey(), CHAIN_ID);
      const rpc = new ChainRpc(node.call);
      const good = {
        nonce: 0,
        to: SINK,
        data: '0x' as Hex,
        value: 0n,
        gas: 50_000n,
        maxFeePerGas: 20n * GWEI,
        maxPriorityFeePerGas: GWEI,
      };
      const refusal = async (change: Partial<typeof good>, by = account): Promise<string> => {
        const { raw } = await by.sign({ ...good, ...change });
        try {
          await rpc.sendRaw(raw);
          return 'taken';
        } catch (error) {
          if (error instanceof RpcFault) return refusalOf(error);
          throw error;
        }
      };
      expect(await refusal({ nonce: 5 })).toBe('taken');
      expect(await refusal({ nonce: 5 })).toBe('already-known');
      expect(await refusal({ nonce: 5, value: 1n })).toBe('replacement-underpriced');
      expect(await refusal({ gas: 20_000n })).toBe('permanent');
      expect(await refusal({ gas: 10n ** 8n, maxFeePerGas: 5n * GWEI })).toBe('permanent');
      expect(await refusal({}, poor)).toBe('insufficient-funds');
      expect(await refusal({})).toBe('taken');
      while ((await rpc.transactionCount(account.address, 'latest')) < 1) await clock.sleep();
      expect(await refusal({ value: 1n })).toBe('nonce-used');
      expect(['nonce-used', 'already-known']).toContain(await refusal({}));
    });

    async function inChain(from: Hex): Promise<Hex[]> {
      const head = Number(await node.ask('eth_blockNumber'));
      const found: Hex[] = [];
      for (let height = 0; height <= head; height++) {
        const block = (await node.ask('eth_getBlockByNumber', toHex(height), true)) as {
          transactions: readonly { from: Hex; input: Hex }[];
        };
        found.push(
          ...block.transactions.filter((tx) => tx.from.toLowerCase() === from).map(({ input }) => input),
        );
      }
      return found;
    }

    /** A client whose calls meet the faults in turn. */
    function faulty(secretKey: string, outbox: RememberingOutbox, faults: Fault[]) {
      let isDead = false;
      const suffer = async <T>(work: () => Promise<T>): Promise<T> => {
        const fault = faults.shift() ?? 'none';
        isDead ||= fault === 'killed';
        if (isDead) throw new Killed();
        if (fault === 'lost-before') throw new Error('lost');
        const result = await work();
        if (fault === 'lost-after') throw new Error('lost');
        return result;
      };
      return createChainClient(settingsOf(secretKey), {
        call: (request: JsonRpcRequest) => suffer(() => node.call(request)),
        outbox: {
          get: (key) => suffer(() => outbox.get(key)),
          compareAndSet: (record, expected) => suffer(() => outbox.compareAndSet(record, expected)),
        },
        clock: {
          ...clock,
          sleep: async () => {
            if (isDead) throw new Killed();
            await clock.sleep();
          },
        },
      });
    }

    const passes = (error: unknown): boolean =>
      error instanceof Killed ||
      isChainClientError(error, 'outbox_failed', 'rpc_unreachable', 'rpc_refused', 'chain_behind');

    async function driveToEnd(secretKey: string, intents: readonly Intent[], faults: Fault[]): Promise<void> {
      const outbox = await createMemoryOutbox();
      for (let tries = 0; tries < 200; tries++) {
        const client = faulty(secretKey, outbox, faults);
        const ends = await Promise.allSettled(intents.map((intent) => client.send(intent)));
        const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
        if (failed.length === 0) return;
        for (const error of failed) if (!passes(error)) throw error;
      }
      throw new Error('never all were final');
    }

    it('each intent is in the chain exactly once, whatever is lost or killed', async () => {
      const faults = fc.array(
        fc.constantFrom<Fault>('none', 'none', 'none', 'lost-before', 'lost-after', 'killed'),
        {
          minLength: 20,
          maxLength: 80,
        },
      );
      await fc.assert(
        fc.asyncProperty(faults, fc.integer({ min: 1, max: 4 }), async (script, count) => {
          const { secretKey, address } = await fundedKey();
          const intents = Array.from(
            { length: count },
            (_, at): Intent => ({ intentId: `i${at}`, to: at % 2 === 0 ? SINK : null, data: word() }),
          );
          await driveToEnd(secretKey, intents, [...script]);
          expect((await inChain(address)).sort()).toEqual(intents.map(({ data }) => data).sort());
        }),
        { numRuns: runs },
      );
    });
  });
}
