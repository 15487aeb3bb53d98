/** Shapes of tunnel-tools: onion services, who is let in, and TCP tunnels to onion services of others. */
import { Type } from 'typebox';
import { Count } from './schemas.ts';

const strict = { additionalProperties: false } as const;

const name = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$', description });
const OnionName = name('name of an onion service, within this installation');
const ClientName = name('name of who is let in to an onion service');
const TunnelName = name('name of a tunnel');
export const OnionAddress = Type.String({
  pattern: '^[a-z2-7]{56}\\.onion$',
  description: 'onion address of version 3',
});
const PortNumber = Type.Integer({ minimum: 1, maximum: 65_535 });
const TimeSeconds = Type.Integer({ minimum: 0, description: 'seconds since the Unix epoch' });
/** X25519, 32 bytes in base32. */
const ClientKey = Type.String({ pattern: '^[A-Za-z2-7]{52}$', description: 'X25519 key in base32' });

export const OnionParams = Type.Object({ name: OnionName });
export const ClientParams = Type.Object({ name: OnionName, client: ClientName });
export const TunnelParams = Type.Object({ name: TunnelName });

const OnionPort = Type.Object(
  {
    /** Of the onion address. */
    port: PortNumber,
    /** Of this installation, that the port leads to. */
    service: name('service of this installation'),
  },
  strict,
);

export const CreateOnion = Type.Object(
  {
    name: OnionName,
    ports: Type.Array(OnionPort, { minItems: 1, maxItems: 8 }),
    /** Who is let in; absent: everybody who knows the address. */
    clients: Type.Optional(Type.Array(ClientName, { minItems: 1, maxItems: 16, uniqueItems: true })),
  },
  strict,
);

export const Onion = Type.Object({
  name: OnionName,
  address: OnionAddress,
  /** `waiting`: durable, and published as soon as Tor answers. `running`: Tor holds it. `failed`: `reason` says why. */
  state: Type.Enum(['waiting', 'running', 'failed']),
  reason: Type.Optional(Type.String()),
  /** When Tor last handed a descriptor of it to the network; absent where that was before this process began. */
  publishedAt: Type.Optional(TimeSeconds),
  ports: Type.Array(OnionPort),
  /** Only who is named under `clients` is let in; stays so when the last of them goes. */
  restricted: Type.Boolean(),
  clients: Type.Array(ClientName),
  createdAt: TimeSeconds,
  changedAt: TimeSeconds,
  /** Addresses that it had before, newest first, and until when. */
  previous: Type.Array(Type.Object({ address: OnionAddress, until: TimeSeconds })),
});

/** The private key is in this answer and nowhere else. */
export const IssuedClient = Type.Object({
  client: ClientName,
  publicKey: ClientKey,
  /** Absent where the caller keeps it. */
  privateKey: Type.Optional(ClientKey),
  /** Line of a `.auth_private` file in the client's `ClientOnionAuthDir`. */
  credential: Type.Optional(Type.String()),
});

export const CreatedOnion = Type.Object({ onion: Onion, clients: Type.Array(IssuedClient) });

export const AddClient = Type.Object(
  {
    client: ClientName,
    /** Of a key that the client made; a pair is made here where it is absent. */
    publicKey: Type.Optional(ClientKey),
  },
  strict,
);

export const OnionClients = Type.Object({
  restricted: Type.Boolean(),
  clients: Type.Array(Type.Object({ client: ClientName, publicKey: ClientKey, addedAt: TimeSeconds })),
});

export const VerifyOnion = Type.Object(
  {
    /** How long to try again where the service is not found or does not answer yet. */
    waitSeconds: Type.Integer({ default: 0, minimum: 0, maximum: 120 }),
  },
  strict,
);

export const Verification = Type.Object({
  /** Every port was reached. */
  ok: Type.Boolean(),
  address: OnionAddress,
  ports: Type.Array(
    Type.Object({
      port: PortNumber,
      ok: Type.Boolean(),
      /** Of the last try. */
      durationMs: Type.Integer({ minimum: 0 }),
      /** Why not: a code of @lucid/tor-egress, and what it means. */
      code: Type.Optional(Type.String()),
      meaning: Type.Optional(Type.String()),
      /** What was found to be spoken there. */
      speaks: Type.Optional(Type.Enum(['http', 'tls', 'other'])),
      /** Of an answer over HTTP. */
      status: Type.Optional(Type.Integer()),
    }),
  ),
});

export const OpenTunnel = Type.Object(
  {
    name: TunnelName,
    address: OnionAddress,
    port: PortNumber,
    /** By which the onion service lets this installation in; kept, and never shown again. */
    clientKey: Type.Optional(ClientKey),
  },
  strict,
);

export const Tunnel = Type.Object({
  name: TunnelName,
  address: OnionAddress,
  port: PortNumber,
  /** Port of this service that leads there. */
  listensOn: PortNumber,
  state: Type.Enum(['waiting', 'listening', 'failed']),
  reason: Type.Optional(Type.String()),
  /** Open now. */
  connections: Count,
  hasClientKey: Type.Boolean(),
  createdAt: TimeSeconds,
});

export const TorStatus = Type.Object({
  tor: Type.Object({
    answers: Type.Boolean(),
    /** Why it does not. */
    reason: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    /** How far it has joined its network, in percent, and what it does. */
    progress: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    summary: Type.Optional(Type.String()),
    circuits: Type.Optional(Count),
  }),
  registry: Type.Object({ file: Type.String(), version: Count }),
  onions: Type.Object({ total: Count, running: Count }),
  tunnels: Type.Object({ total: Count, listening: Count }),
  /** Onion services that Tor holds and the registry does not know. */
  unknownOnions: Type.Array(OnionAddress),
});
