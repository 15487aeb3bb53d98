/** Credits of one proof. A megabyte is 2^20 bytes, a gigabyte 2^30. Exact integers. */
import type { WorkCreditParameters } from './parameters.ts';
import type { TaskClaim, TaskValues } from './task-proof.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2n ** 30n;
const CREDITS_PER_GIGABYTE = 10n;
const CREDITS_PER_CHUNK = 2;
const CREDITS_PER_VALIDATION = 5;

type RelayUnit = Pick<WorkCreditParameters, 'baseMbPerSession'>;

/** W = max(S, ceil(B / base)). Exact: a remainder of safe integers is. */
export function relayWork(
  { sessionsRelayed, bytesTransferred }: TaskValues['relay_bandwidth'],
  { baseMbPerSession }: RelayUnit,
): number {
  const unit = baseMbPerSession * MEBIBYTE;
  const rest = bytesTransferred % unit;
  const units = (bytesTransferred - rest) / unit + (rest > 0 ? 1 : 0);
  return Math.max(sessionsRelayed, units);
}

/** A safe integer for every claim that `claimFault` lets pass. Parts of a gigabyte count in tenths, rounded down. */
export function creditsOf(claim: TaskClaim, parameters: RelayUnit): number {
  switch (claim.type) {
    case 'relay_bandwidth':
      return relayWork(claim.value, parameters);
    case 'storage_availability': {
      const { sizeBytes, chunksStored } = claim.value;
      return Number((BigInt(sizeBytes) * CREDITS_PER_GIGABYTE) / GIBIBYTE) + chunksStored * CREDITS_PER_CHUNK;
    }
    case 'validation_signature':
      return claim.value.validatedSessions * CREDITS_PER_VALIDATION;
    case 'uptime_beacon':
      return 0;
  }
}
