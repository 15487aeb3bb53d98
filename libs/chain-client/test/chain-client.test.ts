import { inspect } from 'node:util';
import { encodeErrorResult, encodeEventTopics, parseAbi, toHex } from 'viem';
import { decodeRevert } from '../src/contracts.ts';
import {
  type Abi,
  type ChainClientErrorCode,
  type ChainClientOptions,
  createChainClient,
  createdAddress,
  decodeEvents,
  encodeCall,
  type Hex,
  type Intent,
  isChainClientError,
  type JsonRpcRequest,
} from '../src/index.ts';
import { RpcFault } from '../src/json-rpc.ts';
import { type Refusal, refusalOf } from '../src/refusal.ts';
import { FakeNode, GWEI, REVERTING } from './fake-node.ts';
import { createMemoryOutbox } from './memory-outbox.ts';

const SECRET_KEY = 'c0ffee'.padEnd(64, '7');
const TO: Hex = `0x${'4c'.repeat(20)}`;
const abi = parseAbi([
  'function count() view returns (uint256)',
  'function put(bytes32 key)',
  'error Taken(bytes32 key)',
  'event Put(bytes32 indexed key, uint64 at, string note)',
]);

async function setUp(options: Partial<ChainClientOptions> = {}) {
  const node = new FakeNode();
  const outbox = await createMemoryOutbox();
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    sleep: async (delayMs: number) => {
      nowMs += delayMs;
      node.mine();
    },
  };
  const asked: JsonRpcRequest[] = [];
  const call = (request: JsonRpcRequest) => {
    asked.push(request);
    return node.answer(request);
  };
  const parts = { node, outbox, clock, asked, call };
  const settings = { chainId: 1337, secretKey: SECRET_KEY, confirmations: 2, timeoutMs: 60_000, ...options };
  return { ...parts, client: createChainClient(settings, parts), settings };
}

const intent = (change: Partial<Intent> = {}): Intent => ({
  intentId: 'one',
  to: TO,
  data: '0x01',
  ...change,
});

async function codeOf(work: Promise<unknown>): Promise<ChainClientErrorCode | 'none'> {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (isChainClientError(error)) return error.code;
    throw error;
  }
}

describe('sending', () => {
  it('answers the receipt when it is final, and the same again', async () => {
    const { client, node } = await setUp();
    const receipt = await client.send(intent());
    expect(receipt).toMatchObject({ status: 'success', transactionIndex: 0, logs: [] });
    expect(await client.receiptOf(receipt.transactionHash)).toMatchObject({
      confirmations: 2,
      isFinal: true,
    });
    expect(await client.send(intent())).toEqual(receipt);
    expect(await client.statusOf('one')).toMatchObject({ state: 'final', nonce: 0, receipt });
    expect(await client.settle()).toBe(0);
    expect(node.included()).toHaveLength(1);
    const [sent] = node.included();
    expect(sent).toMatchObject({
      to: TO,
      data: '0x01',
      from: client.address,
      gas: 62_500n,
      maxFeePerGas: 2n * GWEI,
    });
  });

  it('is final at one block where one producer makes all', async () => {
    const { client, node } = await setUp({ confirmations: 1 });
    await client.submit(intent());
    expect(await client.statusOf('one')).toMatchObject({ state: 'pending', nonce: 0 });
    node.mine();
    expect(await client.statusOf('one')).toMatchObject({ state: 'final', confirmations: 1 });
  });

  it('is included before it is final; a block that goes takes it back, and it is sent again', async () => {
    const { client, node } = await setUp({ confirmations: 3 });
    await client.submit(intent());
    node.mine(2);
    expect(await client.statusOf('one')).toMatchObject({ state: 'included', confirmations: 2 });
    node.reorganise(2);
    expect(await client.statusOf('one')).toMatchObject({ state: 'pending' });
    node.mine(3);
    expect(await client.statusOf('one')).toMatchObject({ state: 'final', confirmations: 3 });
  });

  it('makes a contract at the address that account and nonce give, known before anything was sent', async () => {
    const { client, node, call, settings, outbox, clock } = await setUp({ confirmations: 1 });
    expect(await client.nonceOf('one')).toBeNull();
    expect(await client.nextNonce()).toBe(0);
    node.onRaw = () => {
      throw new Error('lost');
    };
    const creation = intent({ to: null, data: '0x6001' });
    expect(await codeOf(client.submit(creation))).toBe('rpc_unreachable');
    const again = createChainClient(settings, { call, outbox, clock });
    expect(await again.nonceOf('one')).toBe(0);
    expect(await again.nextNonce()).toBe(1);
    node.onRaw = () => undefined;
    const receipt = await again.send(creation);
    expect(receipt.contractAddress).toBe(createdAddress(client.address, 0));
    expect(node.included().map(({ to }) => to)).toEqual([null]);
    expect(await again.send(creation)).toEqual(receipt);
    expect(await codeOf(again.send({ ...creation, to: TO }))).toBe('intent_changed');
    expect(await codeOf(again.send({ ...creation, nonce: 1 }))).toBe('intent_changed');
    expect(await again.nonceOf('one')).toBe(0);
  });

  it('takes the nonce that it is asked to, or none', async () => {
    const { client, node } = await setUp({ confirmations: 1 });
    expect(await codeOf(client.submit(intent({ nonce: 1 })))).toBe('nonce_taken');
    await client.send(intent({ nonce: 0 }));
    expect(await codeOf(client.submit(intent({ intentId: 'two', nonce: 0 })))).toBe('nonce_taken');
    expect(await client.nonceOf('two')).toBeNull();
    expect(node.seen).toHaveLength(1);
  });

  it('asks for no more gas than the chain takes, and refuses what needs more before it has a nonce', async () => {
    const near = await setUp({ confirmations: 1, maxGas: 55_000n });
    await near.client.send(intent());
    expect(near.node.included()[0]!.gas).toBe(55_000n);
    const { client, node } = await setUp({ maxGas: 49_999n });
    expect(await codeOf(client.send(intent()))).toBe('gas_too_high');
    expect(await codeOf(client.send(intent({ gas: 50_000n })))).toBe('gas_too_high');
    expect(await client.nonceOf('one')).toBeNull();
    expect(node.seen).toEqual([]);
  });

  it('many at once have nonces in a row', async () => {
    const { client, node } = await setUp();
    const intents = Array.from({ length: 40 }, (_, at) =>
      intent({ intentId: `i${at}`, data: toHex(at, { size: 2 }) }),
    );
    await Promise.all(intents.map((each) => client.send(each)));
    expect(node.included().map(({ nonce }) => nonce)).toEqual(intents.map((_, at) => at));
    expect(new Set(node.included().map(({ data }) => data)).size).toBe(40);
  });

  it('replaces bytes that offer too little by ones of the same nonce that offer more', async () => {
    const { client, node, clock } = await setUp({ replaceAfterMs: 5000 });
    await client.submit(intent());
    node.baseFeePerGas = 10n * GWEI;
    node.tip = 3n * GWEI;
    await clock.sleep(4999);
    await client.statusOf('one');
    expect(node.seen).toHaveLength(1);
    await clock.sleep(1);
    await client.statusOf('one');
    expect(node.seen).toHaveLength(2);
    expect(node.seen[1]).toMatchObject({ nonce: 0, maxFeePerGas: 23n * GWEI, tip: 3n * GWEI });
    node.mine(2);
    expect(await client.statusOf('one')).toMatchObject({ state: 'final' });
    expect(node.included()).toHaveLength(1);
  });

  it('sends again what the pool lost, without signing anew', async () => {
    const { client, node } = await setUp();
    await client.submit(intent());
    node.pool.clear();
    await client.statusOf('one');
    expect(node.pool.size).toBe(1);
    expect(new Set(node.seen.map(({ raw }) => raw)).size).toBe(1);
  });

  it('goes on behind transactions that others made with the key before', async () => {
    const { client, node, settings, clock, call } = await setUp();
    const before = createChainClient(settings, { call, clock, outbox: await createMemoryOutbox() });
    await before.send(intent());
    await before.submit(intent({ intentId: 'two' }));
    await client.send(intent({ intentId: 'mine' }));
    expect(node.included().map(({ nonce }) => nonce)).toEqual([0, 1, 2]);
  });
});

describe('errors', () => {
  it('rpc_unreachable, with what the caller said as its cause; the intent goes on by itself', async () => {
    const { node, outbox, clock, settings } = await setUp();
    const cause = new Error('connection refused');
    const client = createChainClient(settings, { outbox, clock, call: () => Promise.reject(cause) });
    await expect(client.submit(intent())).rejects.toMatchObject({ code: 'rpc_unreachable', cause });
    expect(node.seen).toEqual([]);
    expect(await codeOf(client.send(intent()))).toBe('rpc_unreachable');
  });

  it.each<unknown>([
    undefined,
    null,
    'text',
    [],
    {},
    { jsonrpc: '2.0', id: 1 },
    { jsonrpc: '2.0', id: 2, result: '0x539' },
    { jsonrpc: '1.0', id: 1, result: '0x539' },
    { jsonrpc: '2.0', id: 1, result: 1337 },
    { jsonrpc: '2.0', id: 1, result: '0x0539' },
    { jsonrpc: '2.0', id: 1, result: '0x539', error: { code: 1, message: '' } },
    { jsonrpc: '2.0', id: 1, error: { code: '1', message: '' } },
    { jsonrpc: '2.0', id: 1, error: 'no' },
  ])('rpc_malformed: %j', async (answer) => {
    const { outbox, clock, settings } = await setUp();
    const client = createChainClient(settings, { outbox, clock, call: async () => answer });
    expect(await codeOf(client.chainId())).toBe('rpc_malformed');
  });

  it('rpc_malformed: a receipt of another transaction', async () => {
    const { client, node, settings, outbox, clock } = await setUp();
    const { transactionHash } = await client.send(intent());
    const call = (request: JsonRpcRequest) => node.answer({ ...request, params: [transactionHash] });
    const liar = createChainClient(settings, { outbox, clock, call });
    expect(await codeOf(liar.receiptOf(`0x${'ab'.repeat(32)}`))).toBe('rpc_malformed');
  });

  it('rpc_refused, with the node’s code', async () => {
    const { outbox, clock, settings } = await setUp();
    const call = async ({ id }: JsonRpcRequest) => ({
      jsonrpc: '2.0',
      id,
      error: { code: -32_005, message: 'limit' },
    });
    const client = createChainClient(settings, { outbox, clock, call });
    await expect(client.chainId()).rejects.toMatchObject({ code: 'rpc_refused', rpcCode: -32_005 });
  });

  it('wrong_chain: nothing is signed for another chain', async () => {
    const { node, outbox, clock, call, settings } = await setUp();
    const client = createChainClient({ ...settings, chainId: 1 }, { outbox, clock, call });
    expect(await codeOf(client.send(intent()))).toBe('wrong_chain');
    expect([node.seen, outbox.written.size]).toEqual([[], 0]);
  });

  it('chain_behind: a node that lost final blocks gets no transaction with a gap before it', async () => {
    const { client, node } = await setUp({ timeoutMs: 5000 });
    await client.send(intent());
    node.blocks.splice(1);
    expect(await codeOf(client.submit(intent({ intentId: 'two' })))).toBe('chain_behind');
    expect(await codeOf(client.statusOf('one'))).toBe('chain_behind');
  });

  it('call_reverted: an estimate that reverts uses no nonce', async () => {
    const { client, outbox } = await setUp();
    const sent = client.send(intent({ data: REVERTING }));
    await expect(sent).rejects.toMatchObject({
      code: 'call_reverted',
      reason: { name: 'Error', args: ['no'] },
    });
    expect(outbox.written.size).toBe(0);
    await expect(client.read({ address: TO, abi: abi }, 'count', [])).resolves.toBe(7n);
  });

  it('transaction_reverted, with its reason, again and again', async () => {
    const { client, node } = await setUp();
    node.estimateSees = false;
    const reason = { name: 'Error', args: ['no'] };
    for (let each = 0; each < 2; each++) {
      const sent = client.send(intent({ data: REVERTING }));
      await expect(sent).rejects.toMatchObject({ code: 'transaction_reverted', reason });
    }
    expect(node.included()).toHaveLength(1);
  });

  it('transaction_refused: its nonce goes to an empty one, and those behind it go on', async () => {
    const { client, node } = await setUp();
    const big = intent({ gas: 9_000_000n });
    const [refused, other] = await Promise.all([
      codeOf(client.send(big)),
      client.send(intent({ intentId: 'two' })),
    ]);
    expect([refused, other.status]).toEqual(['transaction_refused', 'success']);
    expect(await codeOf(client.send(big))).toBe('transaction_refused');
    expect(await client.statusOf('one')).toEqual({ state: 'refused', nonce: 0 });
    expect(node.included().map(({ to, data }) => [to, data])).toEqual([
      [client.address, '0x'],
      [TO, '0x01'],
    ]);
  });

  it('transaction_displaced: a stranger with the key took the nonce', async () => {
    const { client, node, settings, clock, call } = await setUp();
    await client.submit(intent());
    node.pool.clear();
    const stranger = createChainClient(settings, { call, clock, outbox: await createMemoryOutbox() });
    await stranger.send(intent({ data: '0xff' }));
    expect(await codeOf(client.send(intent()))).toBe('transaction_displaced');
    expect(await client.statusOf('one')).toEqual({ state: 'displaced', nonce: 0 });
    expect((await client.send(intent({ intentId: 'two' }))).status).toBe('success');
  });

  it('underpriced: more is offered once a look, then it is said', async () => {
    const { client, node } = await setUp({ timeoutMs: 3000 });
    node.minFeePerGas = 400n * GWEI;
    expect(await codeOf(client.submit(intent()))).toBe('underpriced');
    expect(node.seen.map(({ nonce }) => nonce)).toEqual([0, 0]);
    expect(await codeOf(client.send(intent()))).toBe('underpriced');
    node.minFeePerGas = 1n;
    expect((await client.send(intent())).status).toBe('success');
    expect(node.included()).toHaveLength(1);
  });

  it('fee_cap_reached, before there is a nonce and after', async () => {
    const { client, node, outbox, clock } = await setUp({ maxFeePerGasCap: 4n * GWEI, replaceAfterMs: 1 });
    await client.submit(intent());
    node.baseFeePerGas = 5n * GWEI;
    await clock.sleep(1);
    expect(await codeOf(client.statusOf('one'))).toBe('fee_cap_reached');
    expect(await codeOf(client.submit(intent({ intentId: 'two' })))).toBe('fee_cap_reached');
    expect(outbox.written.size).toBe(1);
  });

  it('insufficient_funds, before there is a nonce and after', async () => {
    const { client, node, outbox } = await setUp();
    node.balance = 100_000n;
    expect(await codeOf(client.send(intent()))).toBe('insufficient_funds');
    expect(outbox.written.size).toBe(0);
    node.balance = 10n ** 24n;
    await client.submit(intent());
    node.pool.clear();
    node.balance = 1n;
    expect(await codeOf(client.statusOf('one'))).toBe('insufficient_funds');
  });

  it('intent_changed: an id is one transaction, in flight and when final', async () => {
    const { client } = await setUp();
    await client.submit(intent());
    const others = [intent({ data: '0x02' }), intent({ value: 1n }), intent({ to: client.address })];
    for (const other of others) expect(await codeOf(client.submit(other))).toBe('intent_changed');
    await client.send(intent({ gas: 30_000n }));
    for (const other of others) expect(await codeOf(client.send(other))).toBe('intent_changed');
  });

  it('intent_unknown', async () => {
    const { client } = await setUp();
    expect(await codeOf(client.statusOf('none'))).toBe('intent_unknown');
  });

  it('too_many_in_flight', async () => {
    const { client } = await setUp({ maxInFlight: 2 });
    await client.submit(intent({ intentId: 'a' }));
    await client.submit(intent({ intentId: 'b' }));
    expect(await codeOf(client.submit(intent({ intentId: 'c' })))).toBe('too_many_in_flight');
    expect((await client.send(intent({ intentId: 'c' }))).status).toBe('success');
  });

  it('outbox_failed: nothing is sent that could not be stored', async () => {
    const { node, clock, call, settings, outbox } = await setUp();
    const compareAndSet = () => Promise.reject(new Error('disk full'));
    const client = createChainClient(settings, { clock, call, outbox: { get: outbox.get, compareAndSet } });
    expect(await codeOf(client.send(intent()))).toBe('outbox_failed');
    const loses = { get: outbox.get, compareAndSet: async () => false };
    expect(await codeOf(createChainClient(settings, { clock, call, outbox: loses }).submit(intent()))).toBe(
      'outbox_failed',
    );
    expect(node.seen).toEqual([]);
  });

  it('timed_out: it stays in flight and may be asked for again', async () => {
    const { client, node } = await setUp({ timeoutMs: 10_000, maxFeePerGasCap: 500n * GWEI });
    const { mine } = node;
    node.mine = () => undefined;
    expect(await codeOf(client.send(intent()))).toBe('timed_out');
    node.mine = mine;
    expect((await client.send(intent())).status).toBe('success');
  });

  it.each<[string, Partial<Intent>]>([
    ['id', { intentId: '' }],
    ['id with a slash', { intentId: 'a/b' }],
    ['id too long', { intentId: 'a'.repeat(129) }],
    ['receiver', { to: '0x4c' }],
    ['data', { data: '0xabc' }],
    ['value', { value: -1n }],
    ['gas', { gas: 0n }],
  ])('an intent without a good %s is refused', async (_name, change) => {
    const { client } = await setUp();
    await expect(client.submit(intent(change))).rejects.toThrow(RangeError);
  });
});

describe('the secret key', () => {
  it.each(['', '11', 'xy'.repeat(32), '00'.repeat(32), 'ff'.repeat(32), `0x${'11'.repeat(31)}`])(
    '%j is none',
    async (secretKey) => {
      let said = '';
      try {
        await setUp({ secretKey });
      } catch (error) {
        said = inspect(error, { depth: 10, showHidden: true });
      }
      expect(said).toContain('not a secp256k1 secret key');
      if (secretKey.length > 4) expect(said).not.toContain(secretKey);
    },
  );

  it('stands in no record, request or error, nor in what a log of the client would show', async () => {
    const { client, node, outbox, asked } = await setUp();
    node.estimateSees = false;
    const errors: unknown[] = [];
    for (const change of [
      {},
      { intentId: 'two', data: REVERTING } as const,
      { value: 1n },
      { intentId: 'three', gas: 9_000_000n },
    ]) {
      await client.send(intent(change)).catch((error) => errors.push(error));
    }
    expect(errors).toHaveLength(3);
    const shown = inspect([client, errors, asked, [...outbox.written]], { depth: 20, showHidden: true });
    expect(shown).not.toContain(SECRET_KEY.slice(2, 60));
    const texts = errors.map((error) => (error as Error).message);
    expect(texts).toEqual(
      ['transaction_reverted', 'intent_changed', 'transaction_refused'].map(
        (code) => `chain client: ${code}`,
      ),
    );
  });
});

describe('what nodes say when they refuse bytes', () => {
  it.each<[Refusal, string]>([
    ['already-known', 'already known'],
    ['already-known', 'transaction already imported'],
    ['nonce-used', 'nonce too low: next nonce 5, tx nonce 4'],
    ['nonce-used', 'nonce too low'],
    ['replacement-underpriced', 'replacement transaction underpriced'],
    ['underpriced', 'transaction underpriced: gas tip cap 0, minimum needed 1'],
    ['underpriced', 'max fee per gas less than block base fee: address 0x, maxFeePerGas: 1, baseFee: 2'],
    ['insufficient-funds', 'insufficient funds for gas * price + value: balance 0, tx cost 1'],
    ['insufficient-funds', 'Insufficient funds for gas * price + value'],
    ['permanent', 'intrinsic gas too low: gas 20000, minimum needed 21000'],
    ['permanent', 'exceeds block gas limit'],
    ['permanent', 'oversized data: transaction size 1, limit 0'],
    ['permanent', 'intrinsic gas too high -- tx.gas_limit > env.block.gas_limit'],
    ['permanent', 'transaction gas limit too high (cap: 16777216, tx: 100000000)'],
    ['other', 'tx fee (20.00 ether) exceeds the configured cap (1.00 ether)'],
    ['other', 'txpool is full'],
    ['other', 'account limit exceeded'],
    ['other', 'future transaction tries to replace pending'],
    ['other', 'nonce too high'],
  ])('%s: %s', (refusal, message) => {
    expect(refusalOf(new RpcFault(-32_000, message, null))).toBe(refusal);
  });
});

describe('ABI', () => {
  const key = toHex(5, { size: 32 });

  it('decodes reverts: with the ABI, without, and none', () => {
    const taken = encodeErrorResult({ abi, errorName: 'Taken', args: [key] });
    expect(decodeRevert(taken, abi)).toEqual({ name: 'Taken', args: [key] });
    expect(decodeRevert(taken)).toEqual({ name: 'unknown', args: [taken] });
    expect(decodeRevert('0x')).toEqual({ name: 'none', args: [] });
    const panic: Hex = `0x4e487b71${'11'.padStart(64, '0')}`;
    expect(decodeRevert(panic)).toEqual({ name: 'Panic', args: [17n] });
  });

  it('decodes the contract’s own events alone', () => {
    const topics = encodeEventTopics({ abi, eventName: 'Put', args: { key } }) as Hex[];
    const words = [9n, 64n, 2n].map((word) => toHex(word, { size: 32 }).slice(2)).join('');
    const log = { address: TO, topics, data: `0x${words}${'6869'.padEnd(64, '0')}` as Hex, logIndex: 3 };
    const contract = { address: TO, abi: abi as Abi };
    const strange = { ...log, topics: [toHex(1, { size: 32 })] };
    const elsewhere = { ...log, address: `0x${'01'.repeat(20)}` as Hex };
    const cut = { ...log, data: '0x' as Hex };
    expect(decodeEvents(contract, [elsewhere, strange, cut, log])).toEqual([
      { name: 'Put', args: { key, at: 9n, note: 'hi' }, log },
    ]);
  });

  it('encodes calls', () => {
    expect(encodeCall(abi, 'put', [key])).toMatch(/^0x[0-9a-f]{72}$/);
    expect(() => encodeCall(abi, 'put', [])).toThrow();
  });
});
