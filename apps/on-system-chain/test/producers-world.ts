/** Files of producers with proofs that nodes signed, in slots of five minutes and windows of a day. */
import { bytesToHex } from '@lucid/bytes';
import { ed25519GenerateKey } from '@lucid/crypto';
import { type EntityId, signTaskProof, slotStartMs, type TaskClaim } from '@lucid/work-credits';

export const chainId = 1337;
export const slotDurationSec = 300;
export const slotsOfDay = 288;
/** 2026-01-01, the beginning of an epoch. */
export const firstSlot = 731 * slotsOfDay;
export const firstSlotMs = Date.UTC(2026, 0, 1);
/** The least that governance may set. */
export const cooldownSlots = 8;
/** A fifth of a day is the least. */
const beacons = 60;

const parameters = {
  SLOT_DURATION_SEC: slotDurationSec,
  LEADER_WINDOW_DAYS: 1,
  COOLDOWN_SLOTS: cooldownSlots,
};

export const addressOf = (index: number): string => `0x${(index + 0xa0).toString(16).padStart(40, '0')}`;
export const server = addressOf(0x50);

const keys = Array.from({ length: 6 }, () => ed25519GenerateKey());
export const nodeIdOf = (index: number): string => bytesToHex(keys[index]!.publicKey);
export const entityOf = (index: number): EntityId => `node:${nodeIdOf(index)}`;

export const sign = (index: number, claim: Omit<TaskClaim, 'nodeId' | 'ts'>, of = chainId) =>
  signTaskProof(
    {
      ...claim,
      nodeId: nodeIdOf(index),
      ts: slotStartMs(claim.slot, { slotDurationSec }),
    } as TaskClaim,
    keys[index]!.secretKey,
    of,
  );

/** What a node did in a day that begins at this slot: up for five hours, and so many validations. */
export const workOf = (index: number, fromSlot: number, validatedSessions: number) => [
  ...Array.from({ length: beacons }, (_, at) =>
    sign(index, { slot: fromSlot + at, type: 'uptime_beacon', value: { uptimeSeconds: slotDurationSec } }),
  ),
  sign(index, { slot: fromSlot, type: 'validation_signature', value: { validatedSessions } }),
];

/** Each did so much in the day before the first slot, and on the days from it on. */
export function fileOf(validations: readonly number[], days = 0) {
  const nodes = validations.map((_each, index) => ({ nodeId: nodeIdOf(index), address: addressOf(index) }));
  const proofs = Array.from({ length: days + 1 }, (_, day) =>
    validations.flatMap((each, index) => workOf(index, firstSlot + (day - 1) * slotsOfDay, each)),
  ).flat();
  return {
    ...{ format: 'lucid-producers/1', chainId, fromSlot: firstSlot, server, parameters },
    nodes,
    proofs: proofs as unknown[],
  };
}

export const bytesOf = (file: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(file));
