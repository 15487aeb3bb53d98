/**
 * What the registry says: the onion services and tunnels of this installation. Keys are not in it.
 *
 * Its file is JSON with the SHA-256 of everything but that line, so that a file that was cut or changed is told from a whole one.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

const Seconds = Type.Integer({ minimum: 0 });
const Address = Type.String({ pattern: '^[a-z2-7]{56}\\.onion$' });
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });

const OnionEntry = Type.Object({
  address: Address,
  ports: Type.Array(Type.Object({ port: Port, service: Type.String() }), { minItems: 1 }),
  restricted: Type.Boolean(),
  clients: Type.Record(Type.String(), Type.Object({ publicKey: Type.String(), addedAt: Seconds })),
  createdAt: Seconds,
  changedAt: Seconds,
  previous: Type.Array(Type.Object({ address: Address, until: Seconds })),
});
export type OnionEntry = Static<typeof OnionEntry>;

const TunnelEntry = Type.Object({
  address: Address,
  port: Port,
  listensOn: Port,
  hasClientKey: Type.Boolean(),
  createdAt: Seconds,
});
export type TunnelEntry = Static<typeof TunnelEntry>;

const FORMAT = 'lucid-onion-registry/1';

const RegistrySchema = Type.Object({
  format: Type.Literal(FORMAT),
  /** Counts changes. */
  version: Type.Integer({ minimum: 0 }),
  onions: Type.Record(Type.String(), OnionEntry),
  tunnels: Type.Record(Type.String(), TunnelEntry),
  /** Addresses that Tor must not hold any more, until it has said so. */
  retired: Type.Array(Address),
});
export type Registry = Static<typeof RegistrySchema>;

export const emptyRegistry = (): Registry => ({
  format: FORMAT,
  version: 0,
  onions: {},
  tunnels: {},
  retired: [],
});

const sumOf = (registry: Registry): string =>
  createHash('sha256').update(JSON.stringify(registry)).digest('hex');

export const registryText = (registry: Registry): string =>
  `${JSON.stringify({ ...registry, sha256: sumOf(registry) }, null, 2)}\n`;

/** The registry of a file's text, or why it is none. */
export function parseRegistry(text: string): Registry | { readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: 'it is not whole JSON' };
  }
  const { sha256, ...registry } = (value ?? {}) as Registry & { sha256?: unknown };
  const { format } = registry;
  if (format !== FORMAT) return { why: `its format is not ${FORMAT}` };
  if (!Check(RegistrySchema, registry)) return { why: 'something in it is not as it must be' };
  return sumOf(registry) === sha256 ? registry : { why: 'its content is not that of its sum' };
}

export const isWhy = (parsed: Registry | { readonly why: string }): parsed is { readonly why: string } =>
  'why' in parsed;
