/**
 * The file by which several producers take turns: who they are, and the signed proofs of their work. All nodes of a chain have the same one.
 *
 *     { "format": "lucid-producers/1", "chainId": 1337, "fromSlot": 761000, "server": "0x…",
 *       "parameters": { "COOLDOWN_SLOTS": 16 },
 *       "nodes": [{ "nodeId": "64 hex digits", "address": "0x…" }],
 *       "pools": [{ "poolId": "…", "address": "0x…", "members": ["64 hex digits"] }],
 *       "proofs": [ … ] }
 *
 * A proof counts from the epoch after its own on. So proofs may be added for epochs to come without a change of what was; whoever changes
 * anything else begins anew with a later `fromSlot`, on all nodes.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { canonicalBytes } from '@lucid/jcs';
import { ConfigError } from '@lucid/service-kit';
import {
  type AdmissionFault,
  type EntityId,
  isNodeId,
  isPoolId,
  judgeTaskProof,
  type NodeRegistry,
  PARAMETER_BOUNDS,
  type ProofFormFault,
  parametersFromRegistry,
  RULES,
  readTaskProof,
  type TaskClaim,
  type WorkCreditParameters,
} from '@lucid/work-credits';
import { type Static, Type } from 'typebox';
import { Errors } from 'typebox/value';

const mostBytes = 64 * 1024 * 1024;

const strict = { additionalProperties: false } as const;
const Integer = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' });
const NodeId = Type.String({ pattern: '^[0-9a-f]{64}$' });

const ProducersFile = Type.Object(
  {
    format: Type.Literal('lucid-producers/1'),
    chainId: Integer,
    /** The schedule begins here: before it the server publishes, and nobody misses a turn. */
    fromSlot: Integer,
    /** Publishes where nobody else may. */
    server: Address,
    /** By their keys in the parameter registry; what is absent has its default. */
    parameters: Type.Optional(Type.Record(Type.String(), Integer)),
    nodes: Type.Array(Type.Object({ nodeId: NodeId, address: Address }, strict)),
    pools: Type.Optional(
      Type.Array(
        Type.Object({ poolId: Type.String(), address: Address, members: Type.Array(NodeId) }, strict),
      ),
    ),
    proofs: Type.Array(Type.Unknown()),
  },
  strict,
);
type ProducersFile = Static<typeof ProducersFile>;

/** What the file says, judged. Addresses are lower-case, with 0x. */
export interface ProducersBook {
  readonly chainId: number;
  readonly fromSlot: number;
  readonly parameters: WorkCreditParameters;
  readonly server: string;
  readonly addressOf: ReadonlyMap<EntityId, string>;
  readonly claims: readonly TaskClaim[];
  /** Of the file's bytes: nodes that say the same have the same schedule. */
  readonly sha256: string;
}

/** What is wrong, where in the file, and what to do. */
class FileFault extends Error {
  readonly hint: string;

  constructor(what: string, hint: string) {
    super(what);
    this.hint = hint;
  }
}

function parse(text: string): ProducersFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FileFault('it is no JSON', 'write it anew, as docs/chain.md shows');
  }
  const [fault] = Errors(ProducersFile, value);
  if (fault)
    throw new FileFault(
      `${fault.instancePath || 'the whole of it'} ${fault.keyword === 'boolean' ? 'does not belong there' : fault.message}`,
      'correct it, as docs/chain.md shows',
    );
  return value as ProducersFile;
}

function parametersOf({ parameters = {} }: ProducersFile): WorkCreditParameters {
  const keys = Object.values(PARAMETER_BOUNDS).map(({ key }) => key);
  const unknown = Object.keys(parameters).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new FileFault(`/parameters has ${JSON.stringify(unknown)}`, `use ${keys.join(', ')}`);
  try {
    const values = Object.entries(parameters).map(([key, value]) => [key, BigInt(value)] as const);
    return parametersFromRegistry(Object.fromEntries(values));
  } catch (error) {
    throw new FileFault(`/parameters: ${(error as Error).message}`, 'keep to the bounds of the registry');
  }
}

function addressesOf({ nodes, pools = [], server }: ProducersFile): Map<EntityId, string> {
  const addresses = new Map<EntityId, string>();
  const places = new Map([[server.toLowerCase(), '/server']]);
  const add = (entityId: EntityId, address: string, place: string): void => {
    const before = places.get(address.toLowerCase());
    if (before !== undefined)
      throw new FileFault(
        `${place} has the address of ${before}`,
        'give each producer an address of its own',
      );
    if (addresses.has(entityId))
      throw new FileFault(`${place} is ${entityId} a second time`, 'name each producer once');
    places.set(address.toLowerCase(), place);
    addresses.set(entityId, address.toLowerCase());
  };
  nodes.forEach(({ nodeId, address }, at) => void add(`node:${nodeId}`, address, `/nodes/${at}`));
  pools.forEach(({ poolId, address }, at) => {
    if (!isPoolId(poolId))
      throw new FileFault(`/pools/${at}/poolId is no name of a pool`, 'use 1 to 64 of a-z, 0-9, - and _');
    add(`pool:${poolId}`, address, `/pools/${at}`);
  });
  if (addresses.size === 0)
    throw new FileFault('it names no producer', 'name one in /nodes, or leave CHAIN_PRODUCERS_FILE away');
  return addresses;
}

function registryOf({ nodes, pools = [] }: ProducersFile): NodeRegistry {
  const members = new Map(pools.map((each) => [each.poolId, new Set(each.members)]));
  const known = new Set([...nodes.map(({ nodeId }) => nodeId), ...pools.flatMap((each) => each.members)]);
  return {
    isRegistered: (nodeId) => isNodeId(nodeId) && known.has(nodeId),
    isMember: (poolId, nodeId) => members.get(poolId)?.has(nodeId) ?? false,
  };
}

const canonical = (value: unknown): Uint8Array => {
  try {
    return canonicalBytes(value as never);
  } catch {
    return new Uint8Array();
  }
};

function claimsOf(file: ProducersFile, parameters: WorkCreditParameters): TaskClaim[] {
  const registry = registryOf(file);
  const addressed = new Set(file.nodes.map(({ nodeId }) => nodeId));
  return file.proofs.map((value, at) => {
    const refuse = (why: ProofFormFault | AdmissionFault | 'no-address'): never => {
      throw new FileFault(`/proofs/${at} does not count: ${why}`, 'take it out, or correct who is named');
    };
    const read = readTaskProof(canonical(value));
    if (!read.ok) return refuse(read.why);
    const { proof } = read;
    // No block carries it: it is judged as by the last one that might.
    const acceptedAtSlot = proof.slot + RULES.maxDelaySlots;
    const why = judgeTaskProof(proof, { chainId: file.chainId, acceptedAtSlot, registry, parameters });
    if (why) return refuse(why);
    // A member of a pool that works for itself might lead, and could not publish.
    return proof.poolId === undefined && !addressed.has(proof.nodeId) ? refuse('no-address') : proof;
  });
}

/** @throws FileFault */
export function parseProducers(bytes: Uint8Array): ProducersBook {
  const file = parse(new TextDecoder().decode(bytes));
  const parameters = parametersOf(file);
  const addressOf = addressesOf(file);
  return {
    ...{ chainId: file.chainId, fromSlot: file.fromSlot, parameters, addressOf },
    server: file.server.toLowerCase(),
    claims: claimsOf(file, parameters),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    if (statSync(path).size > mostBytes)
      throw new FileFault('it has more than 64 MiB', 'leave proofs away that no window holds any more');
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof FileFault) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'it failed';
    throw new FileFault(`it cannot be read (${code})`, 'name a file that this service may read');
  }
  return bytes;
}

interface Settings {
  readonly CHAIN_PRODUCERS_FILE: string;
  readonly CHAIN_PRODUCE: 'on' | 'off';
  readonly CHAIN_PRODUCER: string;
  readonly CHAIN_SLOT_SECONDS: number;
}

function assertFits(book: ProducersBook, settings: Settings): void {
  const wrong = (variable: keyof Settings, expected: string, hint: string) =>
    new ConfigError('on-system-chain', [{ variable, expected, hint }]);
  const { slotDurationSec } = book.parameters;
  if (settings.CHAIN_SLOT_SECONDS !== slotDurationSec)
    throw wrong(
      'CHAIN_SLOT_SECONDS',
      `${slotDurationSec}, as the file of producers says`,
      'turns are counted in slots; set it so, or change the file on all nodes',
    );
  const own = settings.CHAIN_PRODUCER.toLowerCase();
  const isListed = own === book.server || [...book.addressOf.values()].includes(own);
  if (settings.CHAIN_PRODUCE === 'on' && !isListed)
    throw wrong(
      'CHAIN_PRODUCER',
      'an address that the file of producers names',
      'name it there on all nodes, or set CHAIN_PRODUCE=off',
    );
}

/** @throws ConfigError */
export function openProducers(settings: Settings): ProducersBook {
  const { CHAIN_PRODUCERS_FILE: path } = settings;
  try {
    const book = parseProducers(readBytes(path));
    assertFits(book, settings);
    return book;
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    const expected = `a file of producers; in ${path} ${error.message}`;
    throw new ConfigError('on-system-chain', [
      { variable: 'CHAIN_PRODUCERS_FILE', expected, hint: error.hint },
    ]);
  }
}
