/**
 * What a stranger does with viem, SHA-256 and nothing of ours (docs/verify-without-lucid.md): from the manifest in a bundle to the event, from
 * the event to the block's header, from the header to the ledger's signed checkpoint. No import of this workspace stands here.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  decodeEventLog,
  encodeAbiParameters,
  fromRlp,
  type Hex,
  keccak256,
  parseAbi,
  parseTransaction,
  toHex,
  toRlp,
} from 'viem';

const abi = parseAbi([
  'event SessionRegistered(bytes32 indexed sessionId, bytes32 manifestHash, uint64 startedAt, address indexed owner, bytes32 merkleRoot, uint32 chunkCount)',
  'event SessionsRegistered(bytes32 indexed root, uint32 count)',
]);
const fields = ['bytes32', 'bytes32', 'uint64', 'address', 'bytes32', 'uint32'].map((type) => ({ type }));
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
export const base64ToHex = (text: string): Hex => toHex(Buffer.from(text, 'base64'));

/** The sections of a bundle, by their tags: the last 64 bytes say where the first begins. */
export function sectionsOf(file: Buffer): Map<string, Buffer> {
  const sections = new Map<string, Buffer>();
  const end = file.length - 64;
  for (let at = Number(file.readBigUInt64BE(end + 8)); at < end; ) {
    const size = Number(file.readBigUInt64BE(at + 8));
    sections.set(file.toString('latin1', at, at + 4), file.subarray(at + 16, at + 16 + size));
    at += 16 + size;
  }
  return sections;
}

/** A walk down a Merkle-Patricia trie; throws where the proof does not hold. */
export function walk(root: Hex, key: Hex, nodes: readonly Hex[]): Hex {
  let path = key.slice(2);
  let expected = root;
  for (const node of nodes) {
    if (keccak256(node) !== expected) throw new Error('another node');
    const items = fromRlp(node) as Hex[];
    if (items.length === 17) {
      expected = items[Number.parseInt(path[0]!, 16)]!;
      path = path.slice(1);
      continue;
    }
    const odd = ['1', '3'].includes(items[0]![2]!);
    const part = items[0]!.slice(odd ? 3 : 4);
    if (!path.startsWith(part)) throw new Error('another path');
    path = path.slice(part.length);
    expected = items[1]!;
  }
  if (path !== '') throw new Error('a path without an end');
  return expected;
}

/** RFC 9162, section 2.1.3.2. */
export function rootOf(leaf: Buffer, index: number, size: number, path: readonly string[]): Buffer {
  let hash = sha256(Uint8Array.of(0), leaf);
  let [at, last] = [index, size - 1];
  for (const text of path) {
    const other = Buffer.from(text, 'hex');
    const isRight = at % 2 === 1 || at === last;
    hash = isRight ? sha256(Uint8Array.of(1), other, hash) : sha256(Uint8Array.of(1), hash, other);
    for (; isRight && at % 2 === 0 && at > 0; last >>= 1) at >>= 1;
    at >>= 1;
    last >>= 1;
  }
  if (last !== 0) throw new Error('a path too short');
  return hash;
}

/** Text and first signature of a signed note; the key as NAME+ID+BASE64(algorithm || Ed25519 key). */
export function openCheckpoint(note: string, vkey: string): { origin: string; size: number; root: Buffer } {
  const [text, signatures] = note.split('\n\n') as [string, string];
  const [name, , key] = vkey.split(/\+([0-9a-f]{8})\+/);
  const line = signatures.split('\n').find((each) => each.startsWith(`— ${name} `))!;
  const signature = Buffer.from(line.split(' ')[2]!, 'base64').subarray(4);
  const x = Buffer.from(key!, 'base64').subarray(1).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (!verify(null, Buffer.from(`${text}\n`), publicKey, signature)) throw new Error('not signed');
  const [origin, size, root] = text.split('\n') as [string, string, string];
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as a stranger reads it.
type Json = any;

export interface Opened {
  readonly manifest: Json;
  readonly manifestHash: Hex;
  readonly anchor: Json;
  readonly header: Hex;
  /** Of the header. */
  readonly members: readonly Hex[];
  /** Of the transaction in the tries of its block. */
  readonly key: Hex;
}

export function openFile(file: Buffer): Opened {
  const sections = sectionsOf(file);
  const anchor = JSON.parse(sections.get('ANCH')!.toString());
  const header = base64ToHex(anchor.header);
  return {
    manifest: JSON.parse(sections.get('MANI')!.toString()),
    manifestHash: `0x${sha256(sections.get('MANI')!).toString('hex')}`,
    anchor,
    header,
    members: fromRlp(header) as Hex[],
    key: toRlp(anchor.transactionIndex === 0 ? '0x' : toHex(anchor.transactionIndex)),
  };
}

/** From the manifest by the event to the header; throws where they do not agree. */
export function checkEvent({ manifest, manifestHash, anchor, members, key }: Opened): void {
  const receipt = walk(members[5]!, key, anchor.receiptProof.map(base64ToHex));
  const untyped = (receipt.startsWith('0x0') ? `0x${receipt.slice(4)}` : receipt) as Hex;
  const [status, , , logs] = fromRlp(untyped) as [Hex, Hex, Hex, [Hex, [Hex, ...Hex[]], Hex][]];
  const [address, topics, data] = logs[anchor.logIndex]!;
  const { eventName, args } = decodeEventLog({ abi, topics, data });
  // An owner that is no TRON address: the last 20 bytes of the hash of its text.
  const owner = `0x${keccak256(toHex(manifest.owner)).slice(-40)}` as Hex;
  const expected = {
    sessionId: `0x${manifest.sessionId}`,
    manifestHash,
    startedAt: BigInt(Math.floor(manifest.startedAtUs / 1_000_000)),
    owner,
    merkleRoot: `0x${manifest.merkleRoot}`,
    chunkCount: manifest.chunkCount,
  } as const;
  expect([status, address]).toEqual(['0x01', '0x00000000000000000000000000000000004c4101']);
  if (eventName === 'SessionRegistered') {
    expect({ ...args, owner: args.owner.toLowerCase() }).toEqual(expected);
    return;
  }
  const { count, index, leaf, path } = anchor.batch;
  const bytes = Buffer.from(leaf, 'base64');
  expect(toHex(bytes)).toBe(encodeAbiParameters(fields, Object.values(expected)));
  expect(args).toEqual({ root: toHex(rootOf(bytes, index, count, path)), count });
}

/** The transaction is in the block, and for this chain. */
export function checkTransaction({ anchor, header, members, key }: Opened): {
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
} {
  const transaction = walk(members[4]!, key, anchor.transactionProof.map(base64ToHex));
  expect(parseTransaction(transaction).chainId).toBe(anchor.chainId);
  return { blockHash: keccak256(header), transactionHash: keccak256(transaction) };
}

/** From the header to the checkpoint that the ledger signed; `ledgerKey` is the key that the stranger was given by other ways. */
export function checkLedger({ anchor }: Opened, ledgerKey: string): void {
  const { origin, size, root } = openCheckpoint(anchor.checkpoint, anchor.ledger);
  expect([anchor.ledger, origin]).toEqual([ledgerKey, anchor.ledger.split('+')[0]]);
  const found = rootOf(Buffer.from(anchor.header, 'base64'), anchor.index, size, anchor.inclusion);
  expect(found.toString('hex')).toBe(root.toString('hex'));
}
