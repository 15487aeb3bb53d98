/**
 * Rewards of a slot in whole LUCID, exact.
 *
 *     H       = floor(minted / 2.1e9)                     halvings
 *     slotMax = max(1, floor(50 / 2^H))
 *     g_s     = clamp((S - 1) / 9, 0, 1)                  S sessions
 *     D       = W / max(1, N)                             W = max(S, ceil(B / base)), N active nodes
 *     g_d     = 0 where D < Dmin, else min((D - Dmin) / (1 - Dmin), 1)
 *     reward  = 1 + floor((slotMax - 1) g_s g_d)          to who published
 *     S = 0:    the server publishes and gets 2
 *
 * and never more than what is left of the cap. Fractions are kept as numerator and denominator to the one division at the end.
 */
import { relayWork } from './credits.ts';
import type { WorkCreditParameters } from './parameters.ts';
import type { EntityId } from './slot-bucket.ts';
import type { SlotActivity } from './work-window.ts';

export const LUCID_CAP = 42_000_000_000n;
export const HALVING_AMOUNT = 2_100_000_000n;
const SLOT_MAX_INITIAL = 50n;
const SERVER_REWARD = 2n;
/** Sessions above the first that earn the whole session part. */
const FULL_SESSIONS = 9n;

export interface RewardInput extends SlotActivity {
  /** LUCID minted before this slot. */
  readonly minted: bigint;
  /** Who published; null where nobody did. */
  readonly winner: EntityId | null;
  readonly parameters: WorkCreditParameters;
}

export interface Reward {
  /** Null where nobody is paid. */
  readonly payee: EntityId | 'server' | null;
  readonly amount: bigint;
}

interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

export function slotMaximum(minted: bigint): bigint {
  const halved = SLOT_MAX_INITIAL >> (minted / HALVING_AMOUNT);
  return halved > 1n ? halved : 1n;
}

const sessionPart = (sessions: bigint): Fraction => ({
  over: smaller(sessions > 1n ? sessions - 1n : 0n, FULL_SESSIONS),
  under: FULL_SESSIONS,
});

/** In hundredths of N: D = W/N and Dmin = p/100 give (100 W - p N) / (N (100 - p)). */
function densityPart(work: bigint, activeNodes: bigint, percent: bigint): Fraction {
  const nodes = activeNodes > 1n ? activeNodes : 1n;
  const under = nodes * (100n - percent);
  const above = 100n * work - percent * nodes;
  return { over: above < 0n ? 0n : smaller(above, under), under };
}

function amountOf({ sessions, bytes, activeNodes, minted, parameters }: RewardInput): bigint {
  if (sessions === 0) return SERVER_REWARD;
  const work = relayWork({ sessionsRelayed: sessions, bytesTransferred: bytes }, parameters);
  const s = sessionPart(BigInt(sessions));
  const d = densityPart(BigInt(work), BigInt(activeNodes), BigInt(parameters.minDensityPercent));
  return 1n + ((slotMaximum(minted) - 1n) * s.over * d.over) / (s.under * d.under);
}

const COUNTS = ['sessions', 'bytes', 'activeNodes'] as const;

/** @throws RangeError where a count is no integer from 0, or `minted` is below 0 or above the cap. */
export function rewardOf(input: RewardInput): Reward {
  for (const name of COUNTS) {
    if (!Number.isSafeInteger(input[name]) || input[name] < 0) throw new RangeError(`${name}: not a count`);
  }
  if (input.minted < 0n || input.minted > LUCID_CAP) throw new RangeError('minted: outside 0 to the cap');
  const payee = input.sessions === 0 ? 'server' : input.winner;
  if (payee === null) return { payee, amount: 0n };
  return { payee, amount: smaller(amountOf(input), LUCID_CAP - input.minted) };
}
