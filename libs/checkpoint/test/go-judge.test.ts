/** Our notes, roots and proofs before golang.org/x/mod's note and tlog (e2e/go-judge); needs Go, and its module in the cache. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, u64ToBytes } from '@lucid/bytes';
import { consistencyProof, inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { whyNoGo } from '../../../tools/go.mjs';
import { ownVector } from '../../../vectors/locate.ts';
import {
  createCosigner,
  createNoteSigner,
  formatCheckpoint,
  formatVerifierKey,
  parseVerifierKey,
  signCheckpoint,
  signNote,
} from '../src/index.ts';

const JUDGE = join(__dirname, '../../../e2e/go-judge');
const noGo = whyNoGo();
if (noGo && process.env.CI) throw new Error(noGo);
if (noGo) console.warn(`skipped: golang.org/x/mod was shown nothing of ours: ${noGo}`);

(noGo === null ? describe : describe.skip)("Go's note and tlog", () => {
  const folder = mkdtempSync(join(tmpdir(), 'go-judge-'));
  const program = join(folder, 'go-judge');
  const judge = (args: readonly string[], input: string) =>
    spawnSync(program, args, { input, encoding: 'utf8' });

  beforeAll(() => {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: JUDGE });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const { keys } = JSON.parse(ownVector('signed-note/notes.json')) as {
    keys: { name: string; seed: string; vkey: string; alg: number }[];
  };
  const secretKey = (seed: string): Uint8Array => Uint8Array.from(Buffer.from(seed, 'hex'));
  const [log, , , witness] = keys;
  const signer = createNoteSigner({ name: log!.name, secretKey: secretKey(log!.seed) });
  const cosigner = createCosigner({
    name: witness!.name,
    secretKey: secretKey(witness!.seed),
    timestamp: () => 1_700_000_000,
  });

  const leaves = Array.from({ length: 77 }, (_, at) => u64ToBytes(at * at));
  const hashes = leaves.map((leaf) => leafHash(leaf));
  const root = rootOfLeaves(hashes);
  const hex = (proof: readonly Uint8Array[]): string[] => proof.map(bytesToHex);
  const document = {
    leaves: hex(leaves),
    size: hashes.length,
    root: bytesToHex(root),
    inclusion: hashes.map((hash, index) => ({
      index,
      leafHash: bytesToHex(hash),
      proof: hex(inclusionProof(hashes, index, hashes.length)),
    })),
    consistency: hashes.map((_, at) => ({
      first: at + 1,
      firstRoot: bytesToHex(rootOfLeaves(hashes.slice(0, at + 1))),
      proof: hex(consistencyProof(hashes, at + 1, hashes.length)),
    })),
  };

  it('still prints the vectors we keep', () => {
    expect(judge(['vectors'], '').stdout).toBe(ownVector('signed-note/notes.json'));
  });

  it('accept our checkpoint with its cosignature, and refuse it changed', () => {
    const checkpoint = { origin: 'lucid.invalid/session/00', size: hashes.length, root };
    const vkeys = [log!.vkey, formatVerifierKey(parseVerifierKey(witness!.vkey))];
    const note = signNote(formatCheckpoint(checkpoint), [signer, cosigner]);
    expect(judge(['verify-note', ...vkeys], note)).toMatchObject({
      status: 0,
      stdout: formatCheckpoint(checkpoint),
    });
    expect(judge(['verify-note', ...vkeys], note.replace('77', '78')).status).toBe(1);
    expect(judge(['verify-note', ...vkeys], signCheckpoint(checkpoint, signer)).status).toBe(1);
    expect(judge(['verify-note', log!.vkey], signCheckpoint(checkpoint, signer)).status).toBe(0);
  });

  it('accept our root and proofs, and refuse them changed', () => {
    const accepted = judge(['verify-tlog'], JSON.stringify(document));
    expect(accepted).toMatchObject({
      status: 0,
      stdout: 'verified: size 77, 77 inclusion and 77 consistency proofs\n',
    });
    const swapped = { ...document, inclusion: [{ ...document.inclusion[3], index: 4 }] };
    expect(judge(['verify-tlog'], JSON.stringify(swapped)).status).toBe(1);
    const older = { ...document, consistency: [{ ...document.consistency[30], first: 30 }] };
    expect(judge(['verify-tlog'], JSON.stringify(older)).status).toBe(1);
    const cut = { ...document, leaves: document.leaves.slice(0, -1) };
    expect(judge(['verify-tlog'], JSON.stringify(cut)).status).toBe(1);
  });
});
