import fc from 'fast-check';
import { nodeName } from '../test/arbitrary.ts';
import {
  DEFAULT_PARAMETERS,
  HALVING_AMOUNT,
  LUCID_CAP,
  type RewardInput,
  rewardOf,
  slotMaximum,
} from './index.ts';

const winner = `node:${nodeName(1)}` as const;
const MB = 2 ** 20;
const base: RewardInput = {
  ...{ sessions: 10, bytes: 0, activeNodes: 1, minted: 0n, winner },
  parameters: DEFAULT_PARAMETERS,
};
const given = (change: Partial<RewardInput>) => rewardOf({ ...base, ...change });

describe('rewards', () => {
  it.each<[string, Partial<RewardInput>, bigint]>([
    ['ten sessions, dense: all', {}, 50n],
    ['more is not more', { sessions: 1000 }, 50n],
    ['one session: no session part', { sessions: 1 }, 1n],
    ['two sessions: a ninth of 49', { sessions: 2 }, 6n],
    ['nine sessions: eight ninths', { sessions: 9 }, 44n],
    ['density 0.1, below the least', { activeNodes: 100 }, 1n],
    ['density at the least', { activeNodes: 50 }, 1n],
    ['density 0.25: a sixteenth', { activeNodes: 40 }, 4n],
    ['density 0.5: three eighths', { activeNodes: 20 }, 19n],
    ['density 1', { activeNodes: 10 }, 50n],
    ['bytes make density: 20 units for 40 nodes', { bytes: 100 * MB, activeNodes: 40 }, 19n],
    ['no active node counts as one', { activeNodes: 0 }, 50n],
    ['both parts: 4/9 of 3/8 of 49', { sessions: 5, activeNodes: 10 }, 9n],
    ['first halving', { minted: HALVING_AMOUNT }, 25n],
    ['just before it', { minted: HALVING_AMOUNT - 1n }, 50n],
    ['second halving', { minted: 2n * HALVING_AMOUNT }, 12n],
    ['fifth', { minted: 5n * HALVING_AMOUNT }, 1n],
    ['last', { minted: 19n * HALVING_AMOUNT }, 1n],
    ['what is left of the cap', { minted: LUCID_CAP - 7n }, 1n],
    ['nothing is left', { minted: LUCID_CAP }, 0n],
  ])('%s', (_name, change, amount) => {
    expect(given(change)).toEqual({ payee: winner, amount });
  });

  it('a slot without sessions is the server’s, and pays 2', () => {
    expect(given({ sessions: 0, bytes: 100 * MB })).toEqual({ payee: 'server', amount: 2n });
    expect(given({ sessions: 0, winner: null, minted: LUCID_CAP - 1n })).toEqual({
      payee: 'server',
      amount: 1n,
    });
  });

  it('a slot that nobody published pays nobody', () => {
    expect(given({ winner: null })).toEqual({ payee: null, amount: 0n });
  });

  it('halvings end at one', () => {
    const maxima = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 19n, 20n].map((halvings) =>
      slotMaximum(halvings * HALVING_AMOUNT),
    );
    expect(maxima).toEqual([50n, 25n, 12n, 6n, 3n, 1n, 1n, 1n, 1n]);
  });

  it('is the formula, in floats where they are far from a whole number', () => {
    const input = fc.record({
      sessions: fc.integer({ min: 1, max: 40 }),
      bytes: fc.nat(2 ** 30),
      activeNodes: fc.nat(300),
      minted: fc.bigInt({ min: 0n, max: LUCID_CAP - 50n }),
    });
    fc.assert(
      fc.property(input, (change) => {
        const { sessions, bytes, activeNodes, minted } = change;
        const density = Math.max(sessions, Math.ceil(bytes / (5 * MB))) / Math.max(1, activeNodes);
        const most = Math.max(1, Math.floor(50 / 2 ** Math.floor(Number(minted) / 2.1e9)));
        const s = Math.min(Math.max((sessions - 1) / 9, 0), 1);
        const d = density < 0.2 ? 0 : Math.min((density - 0.2) / 0.8, 1);
        const float = (most - 1) * s * d;
        const amount = Number(given(change).amount);
        expect([1 + Math.floor(float - 1e-9), 1 + Math.floor(float + 1e-9)]).toContain(amount);
      }),
    );
  });

  it.each<Partial<RewardInput>>([
    { sessions: -1 },
    { sessions: 0.5 },
    { bytes: Number.NaN },
    { activeNodes: 2 ** 53 },
    { minted: -1n },
    { minted: LUCID_CAP + 1n },
  ])('refuses %p', (change) => {
    expect(() => given(change)).toThrow(RangeError);
  });
});
