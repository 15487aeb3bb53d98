/** Shapes of the authentication service's API. */
import { API_TOKEN_MAX_SECONDS, PERMISSIONS, PROFILES, ROLES, type Role, TOKEN_SCOPES } from '@lucid/access';
import { Type } from 'typebox';
import { Count, Hash, SessionId } from './schemas.ts';

/** Of a path, a query or a foreign text: whether the checksum holds is judged by the service. */
export const TronAddress = Type.String({
  pattern: '^T[1-9A-HJ-NP-Za-km-z]{33}$',
  description: 'TRON address, base58check',
});
/** Of a login, a token, a wallet or a user's invitation. */
export const RowId = Type.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' });
export const AccountRole = Type.Enum([...ROLES]);
export const ProfileName = Type.Enum([...PROFILES]);
export const Scope = Type.Enum([...TOKEN_SCOPES]);
const PermissionName = Type.Enum([...PERMISSIONS]);

/** Seconds since the Unix epoch, as in the claims of tokens. */
export const TimeSeconds = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'seconds since the Unix epoch',
});

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'default 100' })),
  after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: '`next` of the page before' }),
  ),
};

/** RFC 8037 section 2. */
export const PublicJwk = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  use: Type.Literal('sig'),
  alg: Type.Literal('EdDSA'),
  kid: Type.String({ minLength: 1, maxLength: 64 }),
  x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
});

export const UserStatus = Type.Enum(['invited', 'active', 'suspended']);
const DisplayName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]+$',
  description: 'one line, no control characters',
});

export const User = Type.Object({
  address: TronAddress,
  role: AccountRole,
  status: UserStatus,
  displayName: Type.Optional(DisplayName),
  /** Whether codes are asked for at a login. */
  totp: Type.Boolean(),
  createdAt: TimeSeconds,
  lastLoginAt: Type.Optional(TimeSeconds),
});

export const OwnProfile = Type.Object(
  { displayName: Type.Optional(DisplayName) },
  { additionalProperties: false },
);

/** Roles that `manage_users` may give; the others need `assign_roles`. */
export const INVITED_ROLES = ['OBSERVER', 'USER', 'NODE_OPERATOR'] as const satisfies readonly Role[];

const Message = Type.String({ minLength: 1, maxLength: 8_192 });
const Signature = Type.String({ minLength: 1, maxLength: 1_024 });
/** Six digits, or a recovery code. */
export const TotpCode = Type.String({ pattern: '^([0-9]{6}|[a-z2-7]{4}(-[a-z2-7]{4}){3})$' });
const DeviceType = Type.Enum(['ledger', 'trezor', 'keepkey']);
const DeviceId = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' });
export const Device = Type.Object({ type: DeviceType, id: DeviceId }, { additionalProperties: false });

export const ChallengeBody = Type.Object(
  {
    address: TronAddress,
    profile: Type.Optional(ProfileName),
    /** Where the signer signs in, one of those that the service accepts; default its first. */
    uri: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  },
  { additionalProperties: false },
);
export const Challenge = Type.Object({
  /** To be signed as it stands (`signMessageV2`). */
  message: Message,
  nonce: Type.String(),
  expiresAt: TimeSeconds,
});

const signed = {
  message: Message,
  signature: Signature,
  device: Type.Optional(Device),
};
export const RegisterBody = Type.Object(
  {
    ...signed,
    /** The one-time code of the first administrator. */
    invitation: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  { additionalProperties: false },
);
export const LoginBody = Type.Object(
  {
    ...signed,
    /** Needed of who has confirmed an authenticator; a code too many is not judged. */
    totp: Type.Optional(TotpCode),
  },
  { additionalProperties: false },
);

/** What an access token says, read for people. */
export const SignedIn = Type.Object({
  address: TronAddress,
  /** What the token permits: less than the account's where an authenticator must be set up first. */
  role: AccountRole,
  accountRole: AccountRole,
  profile: ProfileName,
  loginId: Type.String(),
  /** An administrator without an authenticator: set one up, then refresh. */
  totpNeeded: Type.Boolean(),
});
export const LoginAnswer = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  /** Seconds. */
  expiresIn: Count,
  refreshToken: Type.String(),
  /** Seconds; an idle login ends sooner than its maximum age. */
  refreshExpiresIn: Count,
  account: SignedIn,
});
export const RefreshToken = Type.String({ pattern: '^[A-Za-z0-9_-]{43,128}$' });

export const Me = Type.Object({
  address: TronAddress,
  role: AccountRole,
  profile: ProfileName,
  permissions: Type.Array(PermissionName),
  loginId: Type.String(),
  tokenId: Type.String(),
  issuedAt: TimeSeconds,
  expiresAt: TimeSeconds,
  scope: Type.Optional(Scope),
  sessionId: Type.Optional(SessionId),
});

export const Login = Type.Object({
  loginId: Type.String(),
  profile: ProfileName,
  device: Type.Optional(Device),
  createdAt: TimeSeconds,
  lastUsedAt: TimeSeconds,
  /** It ends now at the latest. */
  expiresAt: TimeSeconds,
  /** The one that asks. */
  current: Type.Boolean(),
});

const TokenName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$',
});
export const TokenBody = Type.Object(
  {
    name: TokenName,
    scope: Scope,
    /** The only session that it opens; `proof` only. */
    sessionId: Type.Optional(SessionId),
    expiresInSeconds: Type.Integer({ minimum: 60, maximum: API_TOKEN_MAX_SECONDS }),
  },
  { additionalProperties: false },
);
export const ApiToken = Type.Object({
  tokenId: Type.String(),
  name: TokenName,
  scope: Scope,
  sessionId: Type.Optional(SessionId),
  role: AccountRole,
  createdAt: TimeSeconds,
  expiresAt: TimeSeconds,
});

export const HardwareWallet = Type.Object({
  walletId: Type.String(),
  type: DeviceType,
  deviceId: DeviceId,
  createdAt: TimeSeconds,
  lastUsedAt: Type.Optional(TimeSeconds),
});

const Detail = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.String({ maxLength: 1024 }), Type.Integer(), Type.Boolean()]),
  { maxProperties: 16 },
);
export const AuditEntry = Type.Object({
  number: Count,
  /** Milliseconds since the Unix epoch. */
  atMs: Count,
  event: Type.String(),
  /** Who did it: an address, `operator`, `service`. */
  by: Type.String(),
  /** Whom or what it was done to. */
  about: Type.Optional(Type.String()),
  detail: Type.Optional(Detail),
  previous: Hash,
  hash: Hash,
});
export const AuditHead = Type.Object({
  /** Entries that were ever made. */
  entries: Count,
  hash: Hash,
  /** Entries before this one were removed after their retention. */
  from: Count,
  /** The newest head that is in the ledger. */
  anchored: Type.Optional(
    Type.Object({ entries: Count, hash: Hash, status: Type.String(), ledgerIndex: Type.Optional(Count) }),
  ),
});
