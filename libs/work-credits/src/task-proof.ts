/**
 * Task proofs: what a node says it did in a slot, signed by its key.
 *
 *     bytes  = JCS({ nodeId, poolId?, slot, sig, ts, type, value })
 *     signed = "lucid-task-proof/1\n" CHAIN-ID-IN-DECIMAL "\n" JCS(the same without sig)
 *
 * `nodeId` is the node's Ed25519 public key, so a proof is judged by itself. The chain id keeps proofs of a test network out.
 *
 * @NOTE A signature says who claims, not that it is true: relayed bytes, stored chunks and validated sessions are the node's own word.
 * Bounds refuse what no node can do; challenges and counter-signatures belong to who admits nodes.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '@lucid/crypto';
import { canonicalBytes, parseCanonical } from '@lucid/jcs';

export interface TaskValues {
  readonly relay_bandwidth: { readonly bytesTransferred: number; readonly sessionsRelayed: number };
  readonly storage_availability: { readonly chunksStored: number; readonly sizeBytes: number };
  readonly validation_signature: { readonly validatedSessions: number };
  readonly uptime_beacon: { readonly uptimeSeconds: number };
}

export type TaskType = keyof TaskValues;

interface ClaimOf<Type extends TaskType> {
  /** The node's Ed25519 public key, 64 lower-case hex digits. */
  readonly nodeId: string;
  /** The pool it works for; absent where it works for itself. */
  readonly poolId?: string;
  readonly slot: number;
  readonly type: Type;
  readonly value: TaskValues[Type];
  /** Unix milliseconds of the signature: in the slot or up to `maxDelaySlots` later. */
  readonly ts: number;
}

/** A proof without its signature. */
export type TaskClaim = { [Type in TaskType]: ClaimOf<Type> }[TaskType];
export type TaskProof = TaskClaim & {
  /** 128 lower-case hex digits. */
  readonly sig: string;
};

/** Why bytes are no proof. Closed set. */
export type ProofFormFault =
  | 'too-large'
  /** Not the canonical JSON of an object. */
  | 'not-canonical'
  /** A member too many or too few. */
  | 'wrong-members'
  | 'bad-node-id'
  | 'bad-pool-id'
  | 'bad-slot'
  | 'bad-time'
  | 'unknown-type'
  /** Not exactly the members of its type, or one that is no integer from 0. */
  | 'bad-value'
  /** More than any node can do in a slot. */
  | 'implausible-value'
  | 'bad-signature-form';

export type ReadProof =
  | { readonly ok: true; readonly proof: TaskProof }
  | { readonly ok: false; readonly why: ProofFormFault };

export const PROOF_MAX_BYTES = 1024;

/**
 * Most that a proof may claim; the longest slot has 300 s. A window of 43 200 slots of such proofs adds up to less than 2^53 credits a
 * node, so sums of credits are safe integers.
 */
const MOST: { readonly [Type in TaskType]: Readonly<Record<keyof TaskValues[Type], number>> } = {
  relay_bandwidth: { bytesTransferred: 375_000_000_000, sessionsRelayed: 100_000 },
  storage_availability: { chunksStored: 2 ** 32, sizeBytes: 2 ** 50 },
  validation_signature: { validatedSessions: 100_000 },
  uptime_beacon: { uptimeSeconds: 300 },
};
/** The smallest chunk of the data chain. */
const CHUNK_MIN_BYTES = 1024;

export const TASK_TYPES = Object.keys(MOST) as readonly TaskType[];

const NODE_ID = /^[0-9a-f]{64}$/;
const POOL_ID = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const SIGNATURE = /^[0-9a-f]{128}$/;

/** 1 to 64 of a-z, 0-9, - and _, which begin and end it not. */
export const isPoolId = (value: unknown): value is string => typeof value === 'string' && POOL_ID.test(value);
export const isNodeId = (value: unknown): value is string => typeof value === 'string' && NODE_ID.test(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueFault(type: TaskType, value: unknown): ProofFormFault | null {
  const most: Readonly<Record<string, number>> = MOST[type];
  const names = Object.keys(most);
  if (!isObject(value) || Object.keys(value).length !== names.length) return 'bad-value';
  if (!names.every((name) => Object.hasOwn(value, name) && isCount(value[name]))) return 'bad-value';
  const counts = value as Readonly<Record<string, number>>;
  if (names.some((name) => counts[name]! > most[name]!)) return 'implausible-value';
  const tooSmall =
    type === 'storage_availability' && counts.chunksStored! * CHUNK_MIN_BYTES > counts.sizeBytes!;
  return tooSmall ? 'implausible-value' : null;
}

const CLAIM_MEMBERS = ['nodeId', 'slot', 'ts', 'type', 'value'];

function hasMembers(value: Readonly<Record<string, unknown>>, required: readonly string[]): boolean {
  const count = Object.keys(value).length - (Object.hasOwn(value, 'poolId') ? 1 : 0);
  return count === required.length && required.every((name) => Object.hasOwn(value, name));
}

/** What is wrong with the form of a claim, or null. Signature and time are not looked at. */
export function claimFault(
  claim: unknown,
  members: readonly string[] = CLAIM_MEMBERS,
): ProofFormFault | null {
  if (!isObject(claim)) return 'not-canonical';
  if (!hasMembers(claim, members)) return 'wrong-members';
  if (!isNodeId(claim.nodeId)) return 'bad-node-id';
  if (Object.hasOwn(claim, 'poolId') && !isPoolId(claim.poolId)) return 'bad-pool-id';
  if (!isCount(claim.slot)) return 'bad-slot';
  if (!isCount(claim.ts)) return 'bad-time';
  const { type } = claim;
  if (typeof type !== 'string' || !Object.hasOwn(MOST, type)) return 'unknown-type';
  return valueFault(type as TaskType, claim.value);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes, { maxBytes: PROOF_MAX_BYTES });
  } catch {
    return undefined;
  }
}

/** Reads the bytes of a proof: its form alone, see `judgeTaskProof` for the rest. */
export function readTaskProof(bytes: Uint8Array): ReadProof {
  if (bytes.length > PROOF_MAX_BYTES) return { ok: false, why: 'too-large' };
  const value = parsed(bytes);
  const why = claimFault(value, [...CLAIM_MEMBERS, 'sig']);
  if (why) return { ok: false, why };
  const proof = value as TaskProof;
  return typeof proof.sig === 'string' && SIGNATURE.test(proof.sig)
    ? { ok: true, proof }
    : { ok: false, why: 'bad-signature-form' };
}

/** The bytes that `readTaskProof` reads. */
export const taskProofBytes = (proof: TaskProof): Uint8Array => canonicalBytes(proof);

/** The bytes under the signature. */
export const signedBytes = (
  { sig: _sig, ...claim }: TaskClaim & { sig?: string },
  chainId: number,
): Uint8Array => concatBytes(utf8ToBytes(`lucid-task-proof/1\n${chainId}\n`), canonicalBytes(claim));

/**
 * Signs a claim by the node's Ed25519 seed (32 bytes).
 * @throws RangeError where `readTaskProof` would refuse the claim or the key is not that of `nodeId`.
 */
export function signTaskProof(claim: TaskClaim, secretKey: Uint8Array, chainId: number): TaskProof {
  const fault = claimFault(claim);
  if (fault) throw new RangeError(`task proof: ${fault}`);
  if (bytesToHex(ed25519PublicKey(secretKey)) !== claim.nodeId)
    throw new RangeError('task proof: key of another node');
  return { ...claim, sig: bytesToHex(ed25519Sign(secretKey, signedBytes(claim, chainId))) };
}

export const isSigned = (proof: TaskProof, chainId: number): boolean =>
  ed25519Verify(hexToBytes(proof.nodeId), signedBytes(proof, chainId), hexToBytes(proof.sig));
