/** Ages and caps of logins by role. */
import type { Role } from './permissions.ts';

export interface LoginRule {
  /** Logins of one account at the same time; null: no cap. The oldest ends when one more begins. */
  readonly concurrent: number | null;
  /** Seconds without a refresh after which a login ends. */
  readonly idleSeconds: number;
  /** Seconds after its beginning at which it ends, whatever it does. */
  readonly maxAgeSeconds: number;
}

const minutes = 60;
const hours = 60 * minutes;

export const LOGIN_RULES: Readonly<Record<Role, LoginRule>> = {
  OBSERVER: { concurrent: 5, idleSeconds: 30 * minutes, maxAgeSeconds: 24 * hours },
  USER: { concurrent: 5, idleSeconds: 30 * minutes, maxAgeSeconds: 24 * hours },
  NODE_OPERATOR: { concurrent: 10, idleSeconds: 60 * minutes, maxAgeSeconds: 48 * hours },
  ADMIN: { concurrent: 20, idleSeconds: 120 * minutes, maxAgeSeconds: 168 * hours },
  SUPER_ADMIN: { concurrent: null, idleSeconds: 120 * minutes, maxAgeSeconds: 168 * hours },
};

export const ACCESS_TOKEN_SECONDS = 15 * minutes;
export const REFRESH_TOKEN_SECONDS = 7 * 24 * hours;
/** An API token lives at most so long. */
export const API_TOKEN_MAX_SECONDS = 365 * 24 * hours;
/** How far the clocks of two machines may differ. */
export const CLOCK_TOLERANCE_SECONDS = 5;
