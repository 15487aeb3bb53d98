/** What governance may change, with its bounds, and what is fixed. Integers all: percent and days instead of fractions. */

export interface WorkCreditParameters {
  /** Seconds of a slot. A network keeps the one of its genesis: another one renumbers every slot. */
  readonly slotDurationSec: number;
  /** Milliseconds a producer has to publish before the next in line may. */
  readonly slotTimeoutMs: number;
  /** Slots during which a winner is not chosen again. */
  readonly cooldownSlots: number;
  /** Days of proofs that count. */
  readonly leaderWindowDays: number;
  /** Percent of density below which the reward has no density part. */
  readonly minDensityPercent: number;
  /** Mebibytes of relayed bytes that count as one session. */
  readonly baseMbPerSession: number;
}

export type ParameterName = keyof WorkCreditParameters;

interface Bounds {
  /** The key in the parameter registry. */
  readonly key: string;
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

export const PARAMETER_BOUNDS: Readonly<Record<ParameterName, Bounds>> = {
  slotDurationSec: { key: 'SLOT_DURATION_SEC', initial: 120, min: 60, max: 300 },
  slotTimeoutMs: { key: 'SLOT_TIMEOUT_MS', initial: 5000, min: 1000, max: 10_000 },
  cooldownSlots: { key: 'COOLDOWN_SLOTS', initial: 16, min: 8, max: 32 },
  leaderWindowDays: { key: 'LEADER_WINDOW_DAYS', initial: 7, min: 1, max: 30 },
  minDensityPercent: { key: 'D_MIN_PERCENT', initial: 20, min: 10, max: 50 },
  baseMbPerSession: { key: 'BASE_MB_PER_SESSION', initial: 5, min: 1, max: 20 },
};

const NAMES = Object.keys(PARAMETER_BOUNDS) as ParameterName[];

export const DEFAULT_PARAMETERS: WorkCreditParameters = Object.freeze(
  Object.fromEntries(NAMES.map((name) => [name, PARAMETER_BOUNDS[name].initial])) as Record<
    ParameterName,
    number
  >,
);

/** Not governed: a change of these is a change of the protocol. */
export const RULES = Object.freeze({
  epochSec: 86_400,
  /** Least uptime score of a leader, percent. */
  minUptimePercent: 20,
  /** Entities behind the leader on a slot's list. */
  fallbacks: 5,
  /** Producers of a slot that may try, the leader among them. */
  maxAttempts: 3,
  /** A proof counts when it is accepted at most so many slots after its own. */
  maxDelaySlots: 2,
  /** So many missed slots within the window halve a live score. */
  missesThatHalve: 4,
});

export type ParameterFault = {
  readonly parameter: ParameterName;
  readonly why: 'not-an-integer' | 'out-of-bounds' | 'does-not-divide-a-day';
};

/** Null where every parameter is an integer within its bounds and a day is a whole number of slots. */
export function parameterFault(parameters: WorkCreditParameters): ParameterFault | null {
  for (const parameter of NAMES) {
    const { min, max } = PARAMETER_BOUNDS[parameter];
    const value = parameters[parameter];
    if (!Number.isSafeInteger(value)) return { parameter, why: 'not-an-integer' };
    if (value < min || value > max) return { parameter, why: 'out-of-bounds' };
  }
  return RULES.epochSec % parameters.slotDurationSec === 0
    ? null
    : { parameter: 'slotDurationSec', why: 'does-not-divide-a-day' };
}

/** @throws RangeError that names the parameter. */
export function assertParameters(parameters: WorkCreditParameters): void {
  const fault = parameterFault(parameters);
  if (fault) throw new RangeError(`work credit parameter ${fault.parameter}: ${fault.why}`);
}

/**
 * Parameters from the registry's values by its keys (`SLOT_DURATION_SEC`, …); what it lacks has its default.
 * @throws RangeError as `assertParameters`.
 */
export function parametersFromRegistry(values: Readonly<Record<string, bigint>>): WorkCreditParameters {
  const read = NAMES.map((name) => {
    const { key, initial } = PARAMETER_BOUNDS[name];
    return [name, Object.hasOwn(values, key) ? Number(values[key]) : initial];
  });
  const parameters = Object.fromEntries(read) as Record<ParameterName, number>;
  assertParameters(parameters);
  return parameters;
}
