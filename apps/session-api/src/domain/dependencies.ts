import { bytesToHex } from '@lucid/bytes';
import type {
  merkleBuilderContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import type { VerifyTron } from '@lucid/control-policy';
import type { RateLimits } from '@lucid/rate-limit';
import type { Client, Clock, Log } from '@lucid/service-kit';
import { recoverSigner } from '@lucid/tron-message';
import type { OwnerStore } from '../store/owner-store.ts';
import type { SessionStore } from '../store/session-store.ts';

export interface Clients {
  readonly orchestrator: Client<typeof sessionOrchestratorContract>;
  readonly recorder: Client<typeof sessionRecorderContract>;
  readonly encryptor: Client<typeof sessionEncryptorContract>;
  readonly merkle: Client<typeof merkleBuilderContract>;
}

export interface Dependencies extends Clients {
  readonly sessions: SessionStore;
  readonly owners: OwnerStore;
  readonly limits: RateLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly quotas: { readonly sessions: number; readonly running: number };
}

export const nowUs = (clock: Clock): number => Math.floor(clock.nowMs()) * 1_000;

export const verifyTron: VerifyTron = ({ message, signature, address }) => {
  const signer = recoverSigner(message, bytesToHex(signature));
  return signer.ok && signer.address === address;
};

/** As control-policy wants it. */
export const plainSignature = (signature: string): string => signature.toLowerCase().replace(/^0x/, '');
