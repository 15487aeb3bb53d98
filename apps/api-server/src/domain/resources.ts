/** The services' answers in the one shape of this API. */
import { bytesToUtf8 } from '@lucid/bytes';
import type {
  apiServerContract,
  authenticationContract,
  OutputOf,
  sessionApiContract,
} from '@lucid/contracts';
import type { UserSession } from './session-lists.ts';

type Operations = (typeof apiServerContract)['operations'];
export type AppSession = OutputOf<Operations['getSession']>;
export type WholeAppSession = OutputOf<Operations['startSession']>;
export type AppUser = OutputOf<Operations['getOwnUser']>;
export type AppPolicy = OutputOf<Operations['getPolicy']>;
type User = OutputOf<(typeof authenticationContract)['operations']['getOwnUser']>;
export type TrustPolicy = OutputOf<(typeof sessionApiContract)['operations']['storePolicy']>;
type Field = keyof Omit<UserSession, 'sessionId'>;

const US_PER_SECOND = 1_000_000;

export const wholeSession = ({ sessionId, ...rest }: UserSession): WholeAppSession => ({
  kind: 'session',
  id: sessionId,
  ...rest,
});

/** Only the fields asked for, besides kind and id. */
export function appSession(session: UserSession, fields: readonly Field[] | undefined): AppSession {
  const whole = wholeSession(session);
  if (fields === undefined) return whole;
  const wanted = new Set<string>(['kind', 'id', ...fields]);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name))) as AppSession;
}

export const appUser = ({ address, createdAt, lastLoginAt, ...rest }: User): AppUser => ({
  kind: 'user',
  id: address,
  ...rest,
  createdAtUs: createdAt * US_PER_SECOND,
  ...(lastLoginAt === undefined ? {} : { lastLoginAtUs: lastLoginAt * US_PER_SECOND }),
});

export const appPolicy = ({ policyHash, ...rest }: TrustPolicy): AppPolicy => ({
  kind: 'policy',
  id: policyHash,
  ...rest,
});

/** A JSON object out of bytes; undefined where they are none. */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytesToUtf8(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
