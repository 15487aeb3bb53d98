/** Access tokens for tests of services that only judge them: real keys and signatures, without `authentication`. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { AccessClaims } from '@lucid/access';
import { type Clock, systemClock } from '../clock.ts';
import { createAccessTokenSigner, createAccountVerifier } from './access-tokens.ts';
import type { Accounts } from './accounts.ts';

export interface TestAccounts {
  /** For `accounts` of a stack. */
  readonly accounts: Accounts;
  /** A token of a USER for 15 minutes, but for what is given. */
  token(claims?: Partial<AccessClaims>): string;
  /** Of a login or a token. */
  revoke(id: string): void;
}

export function createTestAccounts(clock: Clock = systemClock): TestAccounts {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = 'test';
  const x = publicKey.export({ format: 'jwk' }).x as string;
  const sign = createAccessTokenSigner({
    kid,
    secretPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  });
  const revoked = new Set<string>();
  const get = (of: string) => (of === kid ? x : undefined);
  const keys = {
    get,
    fetch: async (of: string) => get(of),
    isRevoked: (id: string) => revoked.has(id),
    follow: async () => {},
    ready: async () => {},
  };
  return {
    accounts: { ...createAccountVerifier({ keys, clock }), ready: {} },
    token(claims) {
      const iat = Math.floor(clock.nowMs() / 1000);
      const own = { role: 'USER', profile: 'user', lid: randomUUID(), jti: randomUUID() } as const;
      return sign({ sub: 'TTestAddress', ...own, iat, exp: iat + 900, ...claims });
    },
    revoke: (id) => void revoked.add(id),
  };
}
