/** The service over a real chain whose clock the test owns, with governance deployed as a plan does it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import {
  defaultParameters,
  lucidGovernor,
  lucidNodes,
  lucidTimelock,
  type ProposalKind,
  type ProposalLevel,
  paramRegistry,
  type VoteType,
} from '@lucid/chain-contracts';
import { blockchainGovernanceContract } from '@lucid/contracts';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { onSystemChain } from '@lucid/on-system-chain';
import { type AnyServiceDefinition, createServiceKeys } from '@lucid/service-kit';
import { startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { type Abi, encodeDeployData, encodeFunctionData, getContractAddress, type Hex } from 'viem';
import {
  accountOf,
  environmentOf as chainEnvironment,
  chainId,
  eventually,
  gwei,
  rpcOf,
  secretOf,
  testGenesis,
} from '../../on-system-chain/test/chain-stack.ts';
import { blockchainGovernance } from '../src/index.ts';
import { FastClock } from './fast-clock.ts';

export { accountOf, eventually };

/** Accounts by number: the deployer, four founders of whom the first is an administrator, and others. */
export const FOUNDERS = [1, 2, 3, 4] as const;
export const STRANGER = 6;
export const ORACLE = 7;
export const PAYER = 8;
const DEPLOYER = 0;

export const addressOf = (account: number): Hex => accountOf(account).address.toLowerCase() as Hex;

const keys = createServiceKeys([
  'blockchain-ledger',
  'blockchain-vm',
  'on-system-chain',
  'blockchain-governance',
  'operator',
]);
const all: readonly AnyServiceDefinition[] = [
  blockchainLedger,
  blockchainVm,
  onSystemChain,
  blockchainGovernance,
];

export interface Deployed {
  readonly governor: Hex;
  readonly timelock: Hex;
  readonly registry: Hex;
  readonly nodes: Hex;
}

export interface OpenOptions {
  readonly wrap?: (store: DocumentStore) => DocumentStore;
  readonly definitions?: readonly AnyServiceDefinition[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface StartOptions extends OpenOptions {
  /** Accounts that are eligible from the beginning, the administrator first. */
  readonly founders?: readonly number[];
  /** Documents are kept in the folder, in LMDB, instead of in memory. */
  readonly keepsFiles?: boolean;
}

interface Draft {
  readonly by?: number;
  readonly kind?: ProposalKind;
  readonly level?: ProposalLevel;
  readonly description?: string;
  readonly changes?: readonly { readonly name: string; readonly value: string }[];
  readonly calls?: readonly { readonly target: Hex; readonly data: Hex; readonly value?: string }[];
}

interface UnsignedTransaction {
  readonly nonce: string;
  readonly to: string;
  readonly data: string;
  readonly gas: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
}

let proposals = 0;

/** The chain and the service, in a folder and documents that outlive them. */
export class World {
  readonly folder: string;
  readonly clock = new FastClock();
  readonly documents: MemoryDocuments = new Map();
  stack!: TestStack;
  deployed!: Deployed;

  readonly #keepsFiles: boolean;

  constructor(folder: string, keepsFiles: boolean) {
    this.folder = folder;
    this.#keepsFiles = keepsFiles;
  }

  static async start({
    founders = FOUNDERS,
    keepsFiles = false,
    ...options
  }: StartOptions = {}): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'governance-')), keepsFiles);
    await writeFile(join(world.folder, 'genesis.json'), JSON.stringify(testGenesis()));
    await world.open({ ...options, definitions: all.slice(0, 3) });
    world.deployed = await world.deploy(founders);
    await world.close();
    await world.open(options);
    return world;
  }

  async open({
    wrap = (store) => store,
    definitions = all,
    environment = {},
  }: OpenOptions = {}): Promise<void> {
    const documents = wrap(createMemoryDocumentStore(this.documents, () => this.clock.nowMs()));
    const settings: Record<string, string | undefined> = {
      ...this.environment,
      ...(this.#keepsFiles ? { LUCID_DOCUMENTS_URL: join(this.folder, 'documents') } : {}),
      ...environment,
    };
    this.stack = await startTestStack({
      transport: 'tcp',
      definitions,
      environment: Object.fromEntries(
        Object.entries(settings).filter((each): each is [string, string] => each[1] !== undefined),
      ),
      clock: this.clock,
      keys,
      adapters: {
        'blockchain-governance': this.#keepsFiles ? {} : { documents },
        'on-system-chain': { steadyMs: this.clock.nowMs },
      },
    });
    const url = this.stack.targetOf('on-system-chain')?.origin;
    if (url) await eventually(async () => (await fetch(`${url}/ready`)).ok);
  }

  get environment(): Record<string, string> {
    const governor = this.deployed?.governor;
    return {
      ...chainEnvironment(this.folder),
      ...(governor ? { GOVERNANCE_GOVERNOR_ADDRESS: governor } : {}),
      CHAIN_ACCOUNT_KEY: secretOf(PAYER),
      GOVERNANCE_POLL_MS: '200',
      GOVERNANCE_IDLE_MS: '1000',
      GOVERNANCE_QUERIES_PER_MINUTE: '10000',
      GOVERNANCE_WRITES_PER_MINUTE: '10000',
    };
  }

  /** One call of the node. A read whose kept connection was just closed is asked again. */
  get rpc(): ReturnType<typeof rpcOf> {
    const ask = rpcOf(this.stack.targetOf('on-system-chain')?.origin ?? '');
    return (method, ...params) =>
      ask(method, ...params).catch((error: unknown) => {
        if (method === 'eth_sendRawTransaction') throw error;
        return ask(method, ...params);
      });
  }

  get origin(): string {
    return this.stack.targetOf('blockchain-governance')?.origin ?? '';
  }

  get client() {
    return this.stack.clientOf(blockchainGovernanceContract, { breaker: false });
  }

  async nonceOf(account: number): Promise<number> {
    return Number((await this.rpc('eth_getTransactionCount', addressOf(account), 'pending')).result);
  }

  /** Signs and sends, waits for its block and gives the receipt. */
  async send(account: number, call: { readonly to?: Hex; readonly data: Hex; readonly gas?: bigint }) {
    const raw = await accountOf(account).signTransaction({
      ...{ type: 'eip1559', chainId, nonce: await this.nonceOf(account), gas: 8_000_000n, ...call },
      ...{ maxFeePerGas: 100n * gwei, maxPriorityFeePerGas: gwei },
    });
    const { result, error } = await this.rpc('eth_sendRawTransaction', raw);
    if (error) throw new Error(error.message);
    const receipt = await eventually(
      async () =>
        (await this.rpc('eth_getTransactionReceipt', result)).result as {
          readonly status: Hex;
          readonly contractAddress: Hex;
          readonly transactionHash: Hex;
        } | null,
    );
    if (receipt.status !== '0x1') throw new Error('it was rolled back');
    return receipt;
  }

  /** As a plan does it: four contracts, one account, nothing between. */
  async deploy(founders: readonly number[] = FOUNDERS): Promise<Deployed> {
    const from = accountOf(DEPLOYER).address;
    const nonce = BigInt(await this.nonceOf(DEPLOYER)) + 3n;
    const governor = getContractAddress({ from, nonce }).toLowerCase() as Hex;
    const create = async (
      artifact: { abi: unknown; bytecode: Hex },
      args: readonly unknown[],
    ): Promise<Hex> => {
      const data = encodeDeployData({ abi: artifact.abi as Abi, bytecode: artifact.bytecode, args });
      return (await this.send(DEPLOYER, { data })).contractAddress;
    };
    const timelock = await create(lucidTimelock, [governor]);
    const registry = await create(paramRegistry, [timelock, defaultParameters]);
    const voters = founders.map(addressOf);
    const nodes = await create(lucidNodes, [registry, [addressOf(ORACLE)], voters.slice(0, 1), voters]);
    if ((await create(lucidGovernor, [timelock, nodes])) !== governor) throw new Error('another governor');
    return { governor, timelock, registry, nodes };
  }

  /** What an oracle says of a node. */
  report(account: number, uptime: number, earned: bigint) {
    const data = encodeFunctionData({
      abi: lucidNodes.abi,
      functionName: 'report',
      args: [addressOf(account), uptime, earned],
    });
    return this.send(ORACLE, { to: this.deployed.nodes, data });
  }

  /** Signs what the API has prepared with an account's own key. */
  sign(account: number, transaction: UnsignedTransaction): Promise<Hex> {
    return accountOf(account).signTransaction({
      type: 'eip1559',
      chainId,
      nonce: Number(transaction.nonce),
      to: transaction.to as Hex,
      data: transaction.data as Hex,
      gas: BigInt(transaction.gas),
      maxFeePerGas: BigInt(transaction.maxFeePerGas),
      maxPriorityFeePerGas: BigInt(transaction.maxPriorityFeePerGas),
    });
  }

  prepare({ by = 1, kind = 'parameter_change', level = 'normal', ...draft }: Draft = {}) {
    const body = {
      ...{ proposer: addressOf(by), kind, level },
      description: draft.description ?? `proposal ${++proposals}`,
      changes: [...(draft.changes ?? (draft.calls ? [] : [{ name: 'MAX_PEERS', value: '60' }]))],
      ...(draft.calls ? { calls: [...draft.calls] } : {}),
    };
    return this.client.prepareProposal({ body });
  }

  /** Prepared, signed, handed in and in a block; gives its id. */
  async propose(draft: Draft = {}): Promise<string> {
    const { transaction, proposalId } = await this.prepare(draft);
    const raw = await this.sign(draft.by ?? 1, transaction);
    await this.included(await this.client.submitProposal({ body: { raw } }));
    return proposalId;
  }

  get = (proposalId: string) => this.client.getProposal({ params: { proposalId } });

  async signVote(account: number, proposalId: string, support: VoteType, reason?: string) {
    const vote = { voter: addressOf(account), support, ...(reason ? { reason } : {}) };
    const typed = await this.client.prepareVote({ params: { proposalId }, body: vote });
    const { EIP712Domain: _, ...types } = typed.types;
    const signature = await accountOf(account).signTypedData({ ...typed, types } as never);
    return { ...vote, signature: signature as string };
  }

  /** Signed, handed in and in a block. */
  async vote(account: number, proposalId: string, support: VoteType = 'for', reason?: string) {
    const body = await this.signVote(account, proposalId, support, reason);
    return this.included(await this.client.castVote({ params: { proposalId }, body }));
  }

  /** What became of it. */
  async settled({ relayId }: { readonly relayId: string }) {
    return eventually(async () => {
      const relay = await this.client.getRelay({ params: { relayId } });
      return relay.state !== 'waiting' && relay;
    });
  }

  async included(relay: { readonly relayId: string }) {
    const settled = await this.settled(relay);
    if (settled.state !== 'included') throw new Error(`it was not included: ${settled.reason}`);
    return settled;
  }

  /** To the first second in which votes count. */
  async openVoting(proposalId: string): Promise<void> {
    const { votingStartsAtSec } = await this.get(proposalId);
    this.clock.setTo((votingStartsAtSec + 1) * 1000);
  }

  /** To the first second after the voting. */
  async closeVoting(proposalId: string): Promise<void> {
    const { votingEndsAtSec } = await this.get(proposalId);
    this.clock.setTo((votingEndsAtSec + 1) * 1000);
  }

  /** From a new proposal to one that the founders have passed. */
  async pass(proposalId: string): Promise<void> {
    await this.openVoting(proposalId);
    await Promise.all(FOUNDERS.map((account) => this.vote(account, proposalId)));
    await this.closeVoting(proposalId);
  }

  atStage(proposalId: string, stage: string) {
    return eventually(async () => {
      const proposal = await this.get(proposalId);
      return proposal.stage === stage && proposal;
    });
  }

  async close(): Promise<void> {
    await this.stack.close();
  }

  async dispose(): Promise<void> {
    await this.stack.close();
    this.clock.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The code that it is refused with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
}
