// Writes vectors/evidence/: one tiny whole bundle with known keys and its description. Run once; the files are committed, and
// tests hold the format to them. Run again only together with a new format version: node tools/make-evidence-vector.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'vectors/evidence');

/** Workspace packages are TypeScript; this bundles what is needed of them for the moment. */
async function loadWorkspace() {
  const outfile = join(root, 'vectors', `.workspace-${process.pid}.mjs`);
  const names = ['bytes', 'crypto', 'merkle', 'checkpoint', 'session-format'];
  const contents = names.map((name) => `export * from '@lucid/${name}';`).join('\n');
  await build({
    stdin: { contents, resolveDir: join(root, 'libs/verifier') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  try {
    return await import(pathToFileURL(outfile));
  } finally {
    rmSync(outfile);
  }
}

const l = await loadWorkspace();
const hex = l.bytesToHex;
const seed = (text) => l.sha256(l.utf8ToBytes(`lucid evidence vector/${text}`));

const sessionId = hex(seed('session id'));
const sessionKey = seed('session key');
const startedAtUs = 1_763_683_200_123_456;

function keyOf(name, alg = 1) {
  const secretKey = seed(name);
  const vkey = l.formatVerifierKey({ name, publicKey: l.ed25519PublicKey(secretKey), alg });
  return { name, secretKey, vkey };
}
const recorder = keyOf('recorder.vector.example');
const ledger = keyOf('ledger.vector.example');
const witness = keyOf('witness.vector.example', 4);

/** age has no seed: identity and wrap differ in every run, and are written down. */
async function makeAge() {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return { identity, recipient, file: await encrypter.encrypt(sessionKey) };
}
const age = await makeAge();

const header = {
  format: 'lucid-session/1',
  sessionId,
  owner: age.recipient,
  recorder: recorder.vkey,
  recipients: [age.recipient],
  keyCommitment: hex(l.hmacSha256(sessionKey, ...l.keyCommitmentMessage(sessionId))),
  policyHash: hex(seed('policy')),
  title: 'vector é',
  startedAtUs,
  chunkSizeBytes: 65_536,
  tracks: [
    { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' },
    { track: 1, kind: 'file', mediaType: 'text/plain', name: 'a.txt' },
  ],
  software: 'lucid-vector/1',
};

/** A whole Zstandard frame by hand (RFC 8878): single segment, content size in one byte, one last RLE block. */
const rleFrame = (byte, size) => {
  const block = (size << 3) | (1 << 1) | 1;
  return Uint8Array.of(
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0x20,
    size,
    block & 255,
    (block >> 8) & 255,
    block >> 16,
    byte,
  );
};

const chunks = [
  { index: 1, track: 0, plainOffset: 0, plain: l.utf8ToBytes('hello evidence\r\n') },
  { index: 2, track: 0, plainOffset: 16, plain: new Uint8Array(200).fill(0x61), packed: rleFrame(0x61, 200) },
  { index: 4, track: 1, plainOffset: 0, plain: l.utf8ToBytes('b') },
].map((chunk) => ({
  ...chunk,
  packed: chunk.packed ?? chunk.plain,
  nonce: seed(`nonce ${chunk.index}`).slice(0, 24),
  capturedFromUs: startedAtUs + chunk.index * 1_000_000,
  capturedUntilUs: startedAtUs + chunk.index * 1_000_000 + 999_999,
}));
const event = {
  event: 'gap',
  atUs: startedAtUs + 3_000_000,
  track: 0,
  detail: { fromUs: startedAtUs + 2_999_999, reason: 'encoder restarted', untilUs: startedAtUs + 3_000_000 },
};
const close = { closed: 'ended', atUs: startedAtUs + 5_000_000, chunks: 3, events: 1, plainBytes: 217 };

function sealed(chunk) {
  const recordHeader = l.encodeRecordHeader({
    type: 'chunk',
    compressed: chunk.packed !== chunk.plain,
    sealed: true,
    sessionId,
    index: chunk.index,
    track: chunk.track,
    payloadSizeBytes: chunk.packed.length + 16,
    capturedFromUs: chunk.capturedFromUs,
    capturedUntilUs: chunk.capturedUntilUs,
    plainOffset: chunk.plainOffset,
    plainSizeBytes: chunk.plain.length,
    packedSizeBytes: chunk.packed.length,
    nonce: chunk.nonce,
  });
  const key = l.kdfDeriveSubkey(sessionKey, chunk.index, 'lucidchk');
  return l.concatBytes(recordHeader, l.xchacha20poly1305Seal(key, chunk.nonce, chunk.packed, recordHeader));
}
const control = (type, index, atUs, kind, value) =>
  l.concatBytes(
    ...l.encodeControlRecord({ type, sessionId, index, atUs, payload: l.encodeDocument(kind, value) }),
  );

const records = [
  control('header', 0, startedAtUs, 'sessionHeader', header),
  sealed(chunks[0]),
  sealed(chunks[1]),
  control('event', 3, event.atUs, 'sessionEvent', event),
  sealed(chunks[2]),
  control('close', 5, close.atUs, 'sessionClose', close),
];
const leaves = records.map((record) => l.leafHash(record));
const merkleRoot = l.rootOfLeaves(leaves);
const checkpoint = l.signCheckpoint(
  { origin: l.sessionOrigin(sessionId), size: records.length, root: merkleRoot },
  l.createNoteSigner(recorder),
);
const manifest = {
  format: 'lucid-manifest/1',
  sessionId,
  owner: header.owner,
  recorder: recorder.vkey,
  policyHash: header.policyHash,
  startedAtUs,
  endedAtUs: close.atUs,
  closed: 'ended',
  treeSize: records.length,
  merkleRoot: hex(merkleRoot),
  chunkCount: 3,
  plainBytes: 217,
  storedBytes: records.reduce((sum, { length }) => sum + length, 0),
  tracks: [
    { ...header.tracks[0], chunks: 2, plainBytes: 216 },
    { ...header.tracks[1], chunks: 1, plainBytes: 1 },
  ],
};
const recipients = {
  format: 'lucid-recipients/1',
  sessionId,
  wraps: [{ recipient: age.recipient, label: 'owner', age: l.bytesToBase64(age.file) }],
};
const entry = l.encodeDocument('sessionRegistered', {
  type: 'SessionRegistered',
  sessionId,
  manifestHash: hex(l.sha256(l.encodeDocument('manifest', manifest))),
  startedAt: Math.floor(startedAtUs / 1_000_000),
  owner: header.owner,
  merkleRoot: manifest.merkleRoot,
  chunkCount: 3,
  checkpoint,
});
const ledgerLeaves = [l.utf8ToBytes('{"other":0}'), entry, l.utf8ToBytes('{"other":2}')].map((each) =>
  l.leafHash(each),
);
const cosigner = l.createCosigner({ ...witness, timestamp: () => 1_763_683_300 });
const anchor = {
  format: 'lucid-anchor/1',
  kind: 'ledger',
  ledger: ledger.vkey,
  entry: l.bytesToBase64(entry),
  index: 1,
  inclusion: l.inclusionProof(ledgerLeaves, 1, 3).map(hex),
  checkpoint: l.signNote(
    l.formatCheckpoint({ origin: ledger.name, size: 3, root: l.rootOfLeaves(ledgerLeaves) }),
    [l.createNoteSigner(ledger), cosigner],
  ),
};

// Records 4 and 2 lie the other way round in the file: their order there is free.
const fileOrder = [0, 1, 4, 3, 2, 5];
const rows = records.map((record, index) => ({
  offset: 0,
  sizeBytes: record.length,
  leafHash: leaves[index],
}));
let offset = l.PREAMBLE_BYTES;
for (const index of fileOrder) {
  rows[index].offset = offset;
  offset += rows[index].sizeBytes;
}
const file = l.concatBytes(
  l.encodePreamble(sessionId),
  ...fileOrder.map((index) => records[index]),
  l.encodeTrailer(
    {
      MANI: l.encodeDocument('manifest', manifest),
      CKPT: l.utf8ToBytes(checkpoint),
      INDX: l.encodeIndex(rows),
      KEYS: l.encodeDocument('recipients', recipients),
      ANCH: l.encodeDocument('anchor', anchor),
    },
    offset,
  ),
);

const description = {
  what: 'A whole .lucid bundle of format version 1 (docs/evidence-format.md) with all its keys; tiny.lucid beside it.',
  fileSha256: hex(l.sha256(file)),
  fileSizeBytes: file.length,
  sessionId,
  sessionKey: hex(sessionKey),
  ageIdentity: age.identity,
  recorder: { vkey: recorder.vkey, seed: hex(recorder.secretKey) },
  ledger: { vkey: ledger.vkey, seed: hex(ledger.secretKey) },
  witness: { vkey: witness.vkey, seed: hex(witness.secretKey), timestamp: 1_763_683_300 },
  fileOrder,
  header,
  chunks: chunks.map((chunk) => ({
    index: chunk.index,
    track: chunk.track,
    plainOffset: chunk.plainOffset,
    plain: hex(chunk.plain),
    packed: hex(chunk.packed),
    compressed: chunk.packed !== chunk.plain,
    nonce: hex(chunk.nonce),
    chunkKey: hex(l.kdfDeriveSubkey(sessionKey, chunk.index, 'lucidchk')),
    capturedFromUs: chunk.capturedFromUs,
    capturedUntilUs: chunk.capturedUntilUs,
  })),
  event,
  close,
  records: rows.map(({ offset: at, sizeBytes, leafHash }) => ({
    offset: at,
    sizeBytes,
    leafHash: hex(leafHash),
  })),
  recordsEnd: offset,
  merkleRoot: hex(merkleRoot),
  manifest,
  checkpoint,
  recipients,
  anchor,
};
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'tiny.lucid'), file);
writeFileSync(join(folder, 'tiny.json'), `${JSON.stringify(description, null, 2)}\n`);
console.log(
  `${join('vectors/evidence', 'tiny.lucid')}: ${file.length} bytes, SHA-256 ${description.fileSha256}`,
);
