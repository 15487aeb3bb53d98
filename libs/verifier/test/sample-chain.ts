/** Anchors of sample sessions on a chain: alone and in a batch, and the ledger whose log holds the block's header. */
import { bytesToBase64, bytesToHex, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { createCosigner, createNoteSigner, formatCheckpoint, signNote } from '@lucid/checkpoint';
import { sha256 } from '@lucid/crypto';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import {
  ANCHOR_CONTRACT,
  type ChainAnchor,
  encodeDocument,
  type Manifest,
  ownerAddress,
  type Registration,
  sessionLeaf,
} from '@lucid/session-format';
import {
  buildChainBlock,
  CHAIN_ID,
  type ChainBlock,
  type ChainCall,
  registerSession,
  registerSessions,
  trieNodes,
} from './chain-block.ts';
import { seededBytes, type TestKey } from './sample-session.ts';

type Hex = `0x${string}`;
const hex = (text: string): Hex => `0x${text}`;

export const registrationOf = (manifest: Manifest): Registration => ({
  sessionId: manifest.sessionId,
  manifestHash: bytesToHex(sha256(encodeDocument('manifest', manifest))),
  startedAt: Math.floor(manifest.startedAtUs / 1_000_000),
  owner: ownerAddress(manifest.owner),
  merkleRoot: manifest.merkleRoot,
  chunkCount: manifest.chunkCount,
});

export const callOf = (registration: Registration): ChainCall =>
  registerSession(
    hex(registration.sessionId),
    hex(registration.manifestHash),
    BigInt(registration.startedAt),
    hex(registration.owner),
    hex(registration.merkleRoot),
    registration.chunkCount,
  );

/** Somebody else's sessions. */
export const strangers = (seed: string, count: number): Registration[] =>
  Array.from({ length: count }, (_, at) => ({
    sessionId: bytesToHex(seededBytes(`${seed}/${at}/id`, 32)),
    manifestHash: bytesToHex(seededBytes(`${seed}/${at}/manifest`, 32)),
    startedAt: 1_763_683_000 + at,
    owner: ownerAddress(`stranger ${at}`),
    merkleRoot: bytesToHex(seededBytes(`${seed}/${at}/root`, 32)),
    chunkCount: at,
  }));

export interface Keys {
  readonly ledger: TestKey;
  readonly witness: TestKey;
}

/** The header among other entries of the ledger's log, its checkpoint cosigned by a witness. */
export function placeInLedger({ ledger, witness }: Keys, header: Uint8Array, around = 3) {
  const others = Array.from({ length: 2 * around }, (_, at) => utf8ToBytes(`{"other":${at}}`));
  const leaves = [...others.slice(0, around), header, ...others.slice(around)].map((each) => leafHash(each));
  const text = formatCheckpoint({ origin: ledger.name, size: leaves.length, root: rootOfLeaves(leaves) });
  const cosigner = createCosigner({ ...witness, timestamp: () => 1_763_683_300 });
  return {
    ledger: ledger.vkey,
    index: around,
    inclusion: inclusionProof(leaves, around, leaves.length).map(bytesToHex),
    checkpoint: signNote(text, [createNoteSigner(ledger), cosigner]),
  };
}

/** The anchor of one transaction of a block. */
export async function anchorOf(
  keys: Keys,
  { headerRlp, transactions, receipts }: ChainBlock,
  transactionIndex: number,
): Promise<ChainAnchor> {
  return {
    format: 'lucid-anchor/2',
    kind: 'chain',
    chainId: CHAIN_ID,
    contract: ANCHOR_CONTRACT,
    header: bytesToBase64(headerRlp),
    transactionIndex,
    transactionProof: (await trieNodes(transactions, transactionIndex)).map(bytesToBase64),
    receiptProof: (await trieNodes(receipts, transactionIndex)).map(bytesToBase64),
    logIndex: 0,
    ...placeInLedger(keys, headerRlp),
  };
}

/** The place of leaf `index` in the tree of these leaves. */
export function batchPlace(leaves: readonly Uint8Array[], index: number) {
  const hashes = leaves.map((leaf) => leafHash(leaf));
  return {
    root: bytesToHex(rootOfLeaves(hashes)),
    batch: {
      count: leaves.length,
      index,
      leaf: bytesToBase64(leaves[index]!),
      path: inclusionProof(hashes, index, leaves.length).map(bytesToHex),
    },
  };
}

/** By itself, as transaction 4 of 7. */
export async function singleAnchor(keys: Keys, manifest: Manifest): Promise<ChainAnchor> {
  const calls = [...strangers('single', 6).map(callOf)];
  calls.splice(4, 0, callOf(registrationOf(manifest)));
  return anchorOf(keys, await buildChainBlock(calls), 4);
}

/** As session 5 of a batch of 11, which transaction 1 of 3 registers. */
export async function batchAnchor(keys: Keys, manifest: Manifest): Promise<ChainAnchor> {
  const registrations = strangers('batch', 10);
  registrations.splice(5, 0, registrationOf(manifest));
  const { root, batch } = batchPlace(registrations.map(sessionLeaf), 5);
  const others = strangers('beside', 2).map(callOf);
  const block = await buildChainBlock([others[0]!, registerSessions(hex(root), batch.count), others[1]!]);
  return { ...(await anchorOf(keys, block, 1)), batch };
}

export const anchorBytes = (anchor: ChainAnchor): Uint8Array => encodeDocument('anchor', anchor);
export const headerOf = (anchor: ChainAnchor): Uint8Array =>
  hexToBytes(Buffer.from(anchor.header, 'base64').toString('hex'));
