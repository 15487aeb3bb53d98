/** What this service keeps, and in which collections. Times are milliseconds since the Unix epoch. */
import type { Profile, Role, TokenScope } from '@lucid/access';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

/** Something encrypted with the node's secret: nonce, ciphertext and tag. */
export type Box = Uint8Array;

export interface Device {
  readonly type: 'ledger' | 'trezor' | 'keepkey';
  readonly id: string;
}

export interface ChallengeRow {
  readonly nonce: string;
  readonly address: string;
  readonly profile: Profile;
  readonly uri: string;
  /** SHA-256 of the message, base64url: what is signed is what was given out. */
  readonly messageHash: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface Authenticator {
  readonly secret: Box;
  readonly confirmedAtMs: number;
  /** The step of the last code that was taken; no code of it or of an earlier one is. */
  readonly lastStep: number;
  /** SHA-256 of those that are left, base64url. */
  readonly recovery: readonly string[];
}

export interface UserRow {
  readonly address: string;
  readonly role: Role;
  readonly status: 'invited' | 'active' | 'suspended';
  readonly displayName?: string | undefined;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly lastLoginAtMs?: number | undefined;
  /** Rises with everything that ends all logins and tokens; those of another one are worth nothing. */
  readonly generation: number;
  /** Logins and tokens of earlier generations are still to be ended. Indexed. */
  readonly ending?: true | undefined;
  readonly authenticator?: Authenticator | undefined;
  readonly enrolment?: { readonly secret: Box; readonly expiresAtMs: number } | undefined;
}

export interface LoginRow {
  readonly loginId: string;
  readonly address: string;
  readonly profile: Profile;
  readonly generation: number;
  readonly device?: Device | undefined;
  /** A code was given, or an authenticator confirmed, in this login. */
  readonly secondFactor: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  /** Ends then unless it is used; never later than its maximum age. */
  readonly expiresAtMs: number;
  /** SHA-256 of the secret half, base64url, of the refresh token that is good. */
  readonly refreshHash: string;
  /** Of the one before it, for a retry of an answer that was lost. */
  readonly previousHash?: string | undefined;
}

export interface ApiTokenRow {
  readonly tokenId: string;
  readonly address: string;
  readonly name: string;
  readonly scope: TokenScope;
  readonly sessionId?: string | undefined;
  readonly role: Role;
  /** Of the user, when it was made. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface WalletRow {
  readonly walletId: string;
  readonly address: string;
  readonly type: Device['type'];
  readonly deviceId: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs?: number | undefined;
}

export interface SigningKeyRow {
  /** 1, 2, 3 …: making the next is a compare-and-set. */
  readonly number: number;
  readonly kid: string;
  /** Public key, base64url. */
  readonly x: string;
  /** PKCS #8 PEM. */
  readonly secret: Box;
  readonly createdAtMs: number;
  readonly signsFromMs: number;
  /** When the last API token that it signed expires. */
  readonly neededUntilMs: number;
}

export interface RevocationRow {
  readonly number: number;
  /** Of a login or a token. */
  readonly id: string;
  readonly untilMs: number;
}

/** The one row of the first administrator's code. */
export interface FirstAdminRow {
  readonly id: 'first-admin';
  /** SHA-256, base64url. */
  readonly codeHash: string;
  readonly expiresAtMs: number;
}

export interface AuditRow {
  readonly number: number;
  readonly atMs: number;
  readonly event: string;
  readonly by: string;
  readonly about?: string | undefined;
  readonly detail?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Hashes in hex. */
  readonly previous: string;
  readonly hash: string;
}

/** Up to where the audit log was cut off, and what it ended with there. */
export interface AuditCutRow {
  readonly id: 'cut';
  readonly entries: number;
  readonly hash: string;
}

export interface AuditAnchorRow {
  /** How many entries the head stands for. */
  readonly entries: number;
  readonly hash: string;
  readonly atMs: number;
  readonly status: 'asked' | 'confirmed' | 'failed' | 'expired';
  readonly ledgerIndex?: number | undefined;
}

/** So that keys compare as the numbers do. */
export const numberKey = (number: number): string => String(number).padStart(16, '0');

const challenges = defineCollection<ChallengeRow>({
  name: 'auth-challenges',
  key: ({ nonce }) => nonce,
  indexes: [],
  expiresAt: 'expiresAtMs',
});
const users = defineCollection<UserRow>({
  name: 'auth-users',
  key: ({ address }) => address,
  indexes: [
    { name: 'role', fields: ['role', 'address'] },
    { name: 'status', fields: ['status', 'address'] },
    { name: 'ending', fields: ['ending', 'address'] },
  ],
});
const logins = defineCollection<LoginRow>({
  name: 'auth-logins',
  key: ({ loginId }) => loginId,
  indexes: [{ name: 'address', fields: ['address', 'createdAtMs'] }],
  expiresAt: 'expiresAtMs',
});
const apiTokens = defineCollection<ApiTokenRow>({
  name: 'auth-api-tokens',
  key: ({ tokenId }) => tokenId,
  indexes: [{ name: 'address', fields: ['address', 'createdAtMs'] }],
  expiresAt: 'expiresAtMs',
});
const wallets = defineCollection<WalletRow>({
  name: 'auth-hardware-wallets',
  key: ({ walletId }) => walletId,
  indexes: [
    { name: 'address', fields: ['address', 'createdAtMs'] },
    { name: 'device', fields: ['address', 'type', 'deviceId'], unique: true },
  ],
});
const signingKeys = defineCollection<SigningKeyRow>({
  name: 'auth-signing-keys',
  key: ({ number }) => numberKey(number),
  indexes: [],
});
const revocations = defineCollection<RevocationRow>({
  name: 'auth-revocations',
  key: ({ number }) => numberKey(number),
  indexes: [{ name: 'until', fields: ['untilMs'] }],
});
const firstAdmin = defineCollection<FirstAdminRow>({
  name: 'auth-first-admin',
  key: ({ id }) => id,
  indexes: [],
});
const audit = defineCollection<AuditRow>({
  name: 'auth-audit',
  key: ({ number }) => numberKey(number),
  indexes: [
    { name: 'about', fields: ['about', 'number'] },
    { name: 'at', fields: ['atMs'] },
  ],
});
const auditCut = defineCollection<AuditCutRow>({ name: 'auth-audit-cut', key: ({ id }) => id, indexes: [] });
const auditAnchors = defineCollection<AuditAnchorRow>({
  name: 'auth-audit-anchors',
  key: ({ entries }) => numberKey(entries),
  indexes: [],
});

export interface Tables {
  readonly documents: DocumentStore;
  readonly challenges: Collection<ChallengeRow>;
  readonly users: Collection<UserRow>;
  readonly logins: Collection<LoginRow>;
  readonly apiTokens: Collection<ApiTokenRow>;
  readonly wallets: Collection<WalletRow>;
  readonly signingKeys: Collection<SigningKeyRow>;
  readonly revocations: Collection<RevocationRow>;
  readonly firstAdmin: Collection<FirstAdminRow>;
  readonly audit: Collection<AuditRow>;
  readonly auditCut: Collection<AuditCutRow>;
  readonly auditAnchors: Collection<AuditAnchorRow>;
}

export async function openTables(documents: DocumentStore): Promise<Tables> {
  return {
    documents,
    challenges: await documents.collection(challenges),
    users: await documents.collection(users),
    logins: await documents.collection(logins),
    apiTokens: await documents.collection(apiTokens),
    wallets: await documents.collection(wallets),
    signingKeys: await documents.collection(signingKeys),
    revocations: await documents.collection(revocations),
    firstAdmin: await documents.collection(firstAdmin),
    audit: await documents.collection(audit),
    auditCut: await documents.collection(auditCut),
    auditAnchors: await documents.collection(auditAnchors),
  };
}
