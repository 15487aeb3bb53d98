import fc from 'fast-check';
import {
  type ChainClient,
  type ChainClientOptions,
  createChainClient,
  type Hex,
  type Intent,
  isChainClientError,
  type Outbox,
} from '../src/index.ts';
import { FakeNode, GWEI } from './fake-node.ts';
import { createMemoryOutbox, type RememberingOutbox } from './memory-outbox.ts';

/** What befalls one call of the node or of the outbox. */
type Fault = 'none' | 'lost-before' | 'lost-after' | 'killed-before' | 'killed-after';
/** What befalls the node before that call. */
type Weather = 'calm' | 'block' | 'reorganisation' | 'pool-lost' | 'dear' | 'cheap';
type Step = readonly [Fault, Weather];

const SECRET_KEY = '11'.repeat(32);
const CONFIRMATIONS = 3;

class Killed extends Error {}
class Lost extends Error {}

const WEATHER: Readonly<Record<Weather, (node: FakeNode) => void>> = {
  calm: () => undefined,
  block: (node) => node.mine(),
  // One less than what makes final: deeper ones are excluded by what final means.
  reorganisation: (node) => node.reorganise(CONFIRMATIONS - 1),
  'pool-lost': (node) => node.pool.clear(),
  dear: (node) => {
    node.baseFeePerGas *= 3n;
    node.tip += GWEI;
  },
  cheap: (node) => {
    node.baseFeePerGas = GWEI;
    node.tip = 0n;
  },
};

class Life {
  #isDead = false;
  readonly #script: Step[];
  readonly #node: FakeNode;

  constructor(script: Step[], node: FakeNode) {
    this.#script = script;
    this.#node = node;
  }

  /** One call of the outside world, with what the script has in store for it. */
  async suffer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Killed();
    const [fault, weather] = this.#script.shift() ?? ['none', 'calm'];
    WEATHER[weather](this.#node);
    if (fault === 'killed-before') this.#isDead = true;
    if (this.#isDead) throw new Killed();
    if (fault === 'lost-before') throw new Lost();
    const result = await work();
    if (fault === 'killed-after') this.#isDead = true;
    if (this.#isDead) throw new Killed();
    if (fault === 'lost-after') throw new Lost();
    return result;
  }

  get isDead(): boolean {
    return this.#isDead;
  }
}

class World {
  readonly node = new FakeNode();
  readonly outbox: RememberingOutbox;
  readonly #script: Step[];
  #nowMs = 0;
  #sleeps = 0;

  constructor(outbox: RememberingOutbox, script: readonly Step[]) {
    this.outbox = outbox;
    this.#script = [...script];
    this.node.onRaw = (raw) => {
      if (!outbox.written.has(raw)) throw new Error('bytes were sent before they were stored');
    };
  }

  client(options: Partial<ChainClientOptions> = {}): { client: ChainClient; life: Life } {
    const life = new Life(this.#script, this.node);
    const outbox: Outbox = {
      get: (key) => life.suffer(() => this.outbox.get(key)),
      compareAndSet: (record, expected) => life.suffer(() => this.outbox.compareAndSet(record, expected)),
    };
    const clock = {
      nowMs: () => this.#nowMs,
      sleep: async (delayMs: number) => {
        if (life.isDead) throw new Killed();
        if (++this.#sleeps > 5000) throw new Error('it never ends');
        this.#nowMs += delayMs;
        this.node.mine();
        if (this.#script.length === 0) WEATHER.cheap(this.node);
      },
    };
    const call = (request: Parameters<FakeNode['answer']>[0]) => life.suffer(() => this.node.answer(request));
    const settings = { chainId: 1337, secretKey: SECRET_KEY, confirmations: CONFIRMATIONS, pollMs: 1000 };
    const patience = { timeoutMs: 10_000_000, replaceAfterMs: 3000, maxFeePerGasCap: 10n ** 18n };
    this.node.balance = 10n ** 30n;
    return {
      client: createChainClient({ ...settings, ...patience, ...options }, { call, outbox, clock }),
      life,
    };
  }
}

/** Every third one makes a contract. */
const intentOf = (index: number): Intent => ({
  intentId: `intent-${index}`,
  to: index % 3 === 1 ? null : `0x${'4c'.repeat(20)}`,
  data: `0x${(index + 1).toString(16).padStart(8, '0')}`,
});

const isPassing = (error: Error): boolean =>
  error instanceof Killed ||
  isChainClientError(
    error,
    'outbox_failed',
    'rpc_unreachable',
    'rpc_refused',
    'fee_cap_reached',
    'chain_behind',
  );

/** Sends all at once, from `processes` clients, and begins anew where a client dies or gives up. */
async function drive(world: World, intents: readonly Intent[], processes: number): Promise<void> {
  const one = async () => {
    for (let tries = 0; tries < 500; tries++) {
      const { client } = world.client();
      const ends = await Promise.allSettled(intents.map((intent) => client.send(intent)));
      const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
      if (failed.length === 0) return;
      const fatal = failed.find((error) => !isPassing(error));
      if (fatal) throw fatal;
    }
    throw new Error('never all were final');
  };
  await Promise.all(Array.from({ length: processes }, one));
}

function assertOnce({ node, outbox }: World, intents: readonly Intent[]): void {
  // What was said to be final stays when the newest blocks go.
  node.reorganise(CONFIRMATIONS - 1);
  const included = node.included();
  expect(included.map(({ data }) => data).sort()).toEqual(intents.map(({ data }) => data).sort());
  expect(included.map(({ nonce }) => nonce)).toEqual(intents.map((_, at) => at));
  const nonces = new Map<string, Set<number>>();
  const owners = new Map<number, Set<string>>();
  for (const { intentId, nonce } of outbox.written.values()) {
    nonces.set(intentId, (nonces.get(intentId) ?? new Set()).add(nonce));
    owners.set(nonce, (owners.get(nonce) ?? new Set()).add(intentId));
  }
  for (const each of [...nonces.values(), ...owners.values()]) expect(each.size).toBe(1);
}

const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fault>('none') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fault>('lost-before', 'lost-after', 'killed-before', 'killed-after'),
  },
);
const weather = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Weather>('calm') },
  { weight: 4, arbitrary: fc.constantFrom<Weather>('block', 'reorganisation', 'pool-lost', 'dear', 'cheap') },
);
const scripts = fc.array(fc.tuple(fault, weather), { maxLength: 150 });

describe('each intent is in the chain exactly once', () => {
  it('whatever is lost, killed, unwound or made dear, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.integer({ min: 1, max: 4 }), async (script, count) => {
        const world = new World(await createMemoryOutbox(), script);
        const intents = Array.from({ length: count }, (_, index) => intentOf(index));
        await drive(world, intents, 1);
        assertOnce(world, intents);
      }),
      { numRuns: 150 },
    );
  });

  it('also from two processes with one outbox', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.integer({ min: 1, max: 3 }), async (script, count) => {
        const world = new World(await createMemoryOutbox(), script);
        const intents = Array.from({ length: count }, (_, index) => intentOf(index));
        await drive(world, intents, 2);
        assertOnce(world, intents);
      }),
      { numRuns: 100 },
    );
  });

  const EACH: readonly Fault[] = ['lost-before', 'lost-after', 'killed-before', 'killed-after'];
  it.each(EACH)('one %s at every single call of a plain run', async (each) => {
    const intents = [intentOf(0), intentOf(1)];
    for (let at = 0; at < 60; at++) {
      const calm = Array.from({ length: at }, (): Step => ['none', 'calm']);
      const world = new World(await createMemoryOutbox(), [...calm, [each, 'calm']]);
      await drive(world, intents, 1);
      assertOnce(world, intents);
    }
  });

  it('bytes that are sent again a hundred times after all is final change nothing', async () => {
    const world = new World(await createMemoryOutbox(), []);
    const intents = [intentOf(0), intentOf(1)];
    await drive(world, intents, 1);
    for (const { raw } of [...world.node.seen]) {
      const request = {
        jsonrpc: '2.0',
        id: 1,
        method: 'eth_sendRawTransaction',
        params: [raw as Hex],
      } as const;
      for (let each = 0; each < 50; each++) await world.node.answer(request);
    }
    world.node.mine(3);
    await drive(world, intents, 2);
    assertOnce(world, intents);
  });
});
