import type { LoginRefusal } from '@lucid/tron-message';

/** Why a sign-in is refused: for log and audit, never for the answer. Closed set. */
export type RefusalReason =
  | LoginRefusal
  /** Never given out, used already, or expired and swept. */
  | 'nonce-unknown'
  | 'nonce-used'
  | 'nonce-of-another'
  /** Signed something else than what was given out with this nonce. */
  | 'not-as-issued'
  | 'locked-out'
  | 'not-registered'
  | 'not-invited'
  | 'invitation-wrong'
  | 'suspended'
  | 'profile-not-allowed'
  | 'totp-missing'
  | 'totp-wrong';

export class Refusal extends Error {
  readonly reason: RefusalReason;
  /** Whom the message names, where it is one of ours. */
  readonly address: string | undefined;

  constructor(reason: RefusalReason, address?: string) {
    super(`sign-in refused: ${reason}`);
    this.name = 'Refusal';
    this.reason = reason;
    this.address = address;
  }
}
