import { defaultParameters } from '@lucid/chain-contracts';
import fc from 'fast-check';
import {
  creditsOf,
  DEFAULT_PARAMETERS,
  epochOf,
  PARAMETER_BOUNDS,
  type ParameterName,
  parameterFault,
  parametersFromRegistry,
  relayWork,
  SLOT_ZERO_MS,
  slotAt,
  slotStartMs,
  slotsPerEpoch,
  type TaskClaim,
  windowSlots,
} from './index.ts';

const MB = 2 ** 20;
const GB = 2 ** 30;

describe('credits of a proof', () => {
  const base = { nodeId: '0'.repeat(64), slot: 0, ts: 0 };
  const relay = (bytesTransferred: number, sessionsRelayed: number): TaskClaim => ({
    ...base,
    type: 'relay_bandwidth',
    value: { bytesTransferred, sessionsRelayed },
  });
  const stored = (sizeBytes: number, chunksStored: number): TaskClaim => ({
    ...base,
    type: 'storage_availability',
    value: { sizeBytes, chunksStored },
  });
  it.each<[string, TaskClaim, number]>([
    ['nothing relayed', relay(0, 0), 0],
    ['one byte is a unit begun', relay(1, 0), 1],
    ['5 MB', relay(5 * MB, 0), 1],
    ['a byte more', relay(5 * MB + 1, 0), 2],
    ['sessions outweigh bytes', relay(5 * MB, 7), 7],
    ['bytes outweigh sessions', relay(50 * MB, 7), 10],
    ['the most that may be claimed', relay(375_000_000_000, 0), 71_526],
    ['nothing stored', stored(0, 0), 0],
    ['one gigabyte in one chunk', stored(GB, 1), 12],
    ['a tenth of a gigabyte, rounded down', stored(Math.floor(GB / 10), 0), 0],
    ['a tenth of a gigabyte', stored(Math.ceil(GB / 10), 0), 1],
    ['100 GB in chunks of 8 MiB', stored(100 * GB, 12_800), 26_600],
    ['1 PiB', stored(2 ** 50, 0), 10_485_760],
    ['validations', { ...base, type: 'validation_signature', value: { validatedSessions: 3 } }, 15],
    ['uptime earns no credit', { ...base, type: 'uptime_beacon', value: { uptimeSeconds: 120 } }, 0],
  ])('%s', (_name, claim, expected) => {
    expect(creditsOf(claim, DEFAULT_PARAMETERS)).toBe(expected);
  });

  it('relay work is the exact ceiling for every count of bytes and every unit', () => {
    const bytes = fc.maxSafeNat();
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 20 }), (bytesTransferred, baseMbPerSession) => {
        const unit = BigInt(baseMbPerSession * MB);
        const exact = (BigInt(bytesTransferred) + unit - 1n) / unit;
        expect(BigInt(relayWork({ bytesTransferred, sessionsRelayed: 0 }, { baseMbPerSession }))).toBe(exact);
      }),
    );
  });
});

describe('work that is split over identities', () => {
  const parts = fc.array(fc.record({ bytesTransferred: fc.nat(2 ** 31 - 1), sessionsRelayed: fc.nat(500) }), {
    minLength: 1,
    maxLength: 8,
  });

  it('earns never less than whole, and at most twice as much and a unit a part more', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const whole = {
          bytesTransferred: all.reduce((sum, part) => sum + part.bytesTransferred, 0),
          sessionsRelayed: all.reduce((sum, part) => sum + part.sessionsRelayed, 0),
        };
        const split = all.reduce((sum, part) => sum + relayWork(part, DEFAULT_PARAMETERS), 0);
        const once = relayWork(whole, DEFAULT_PARAMETERS);
        expect(split).toBeGreaterThanOrEqual(once);
        expect(split).toBeLessThanOrEqual(2 * once + all.length);
      }),
    );
  });
});

describe('slots and epochs', () => {
  it('count from 2024-01-01T00:00:00Z, 720 a day', () => {
    expect(SLOT_ZERO_MS).toBe(Date.parse('2024-01-01T00:00:00Z'));
    expect(slotsPerEpoch(DEFAULT_PARAMETERS)).toBe(720);
    expect(windowSlots(DEFAULT_PARAMETERS)).toBe(5040);
    expect(slotAt(Date.parse('2024-01-01T00:01:59.999Z'), DEFAULT_PARAMETERS)).toBe(0);
    expect(slotAt(Date.parse('2024-01-01T00:02:00Z'), DEFAULT_PARAMETERS)).toBe(1);
    expect(slotAt(Date.parse('2023-12-31T23:59:59.999Z'), DEFAULT_PARAMETERS)).toBe(-1);
    expect(slotAt(slotStartMs(720, DEFAULT_PARAMETERS), DEFAULT_PARAMETERS)).toBe(720);
    expect([719, 720, 1440].map((slot) => epochOf(slot, DEFAULT_PARAMETERS))).toEqual([0, 1, 2]);
  });
});

describe('parameters', () => {
  it('have the defaults and bounds of the registry', () => {
    const rows = Object.values(PARAMETER_BOUNDS).map(({ key, initial, min, max }) => [
      key,
      initial,
      min,
      max,
    ]);
    expect(rows).toEqual([
      ['SLOT_DURATION_SEC', 120, 60, 300],
      ['SLOT_TIMEOUT_MS', 5000, 1000, 10_000],
      ['COOLDOWN_SLOTS', 16, 8, 32],
      ['LEADER_WINDOW_DAYS', 7, 1, 30],
      ['D_MIN_PERCENT', 20, 10, 50],
      ['BASE_MB_PER_SESSION', 5, 1, 20],
    ]);
    expect(parameterFault(DEFAULT_PARAMETERS)).toBeNull();
    expect(parametersFromRegistry({})).toEqual(DEFAULT_PARAMETERS);
    expect(parametersFromRegistry({ COOLDOWN_SLOTS: 32n, MAX_PEERS: 50n }).cooldownSlots).toBe(32);
  });

  it('are those that the registry contract begins with', () => {
    for (const { key, initial, min, max } of Object.values(PARAMETER_BOUNDS)) {
      const bounds = { value: BigInt(initial), min: BigInt(min), max: BigInt(max) };
      expect(defaultParameters.find(({ name }) => name === key)).toMatchObject(bounds);
    }
  });

  it.each(Object.keys(PARAMETER_BOUNDS) as ParameterName[])('%s is refused past its bounds', (parameter) => {
    const { key, min, max } = PARAMETER_BOUNDS[parameter];
    for (const value of [min, max])
      expect(parameterFault({ ...DEFAULT_PARAMETERS, [parameter]: value })).toBeNull();
    for (const value of [min - 1, max + 1]) {
      const fault = { parameter, why: 'out-of-bounds' };
      expect(parameterFault({ ...DEFAULT_PARAMETERS, [parameter]: value })).toEqual(fault);
      expect(() => parametersFromRegistry({ [key]: BigInt(value) })).toThrow(RangeError);
    }
    for (const value of [min + 0.5, Number.NaN, '5' as unknown as number]) {
      const fault = { parameter, why: 'not-an-integer' };
      expect(parameterFault({ ...DEFAULT_PARAMETERS, [parameter]: value })).toEqual(fault);
    }
    expect(() => parametersFromRegistry({ [key]: 2n ** 64n })).toThrow(RangeError);
  });

  it('a day is a whole number of slots', () => {
    const fault = { parameter: 'slotDurationSec', why: 'does-not-divide-a-day' };
    expect(parameterFault({ ...DEFAULT_PARAMETERS, slotDurationSec: 70 })).toEqual(fault);
  });
});
