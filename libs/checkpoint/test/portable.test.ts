/** The portable faces, bundled for a browser and run in a context that has no Node in it. */
import { execFileSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import { ownVector } from '../../../vectors/locate.ts';

const ESBUILD = join(dirname(require.resolve('esbuild/package.json')), 'bin/esbuild');

const ENTRY = `
  export { parseVerifierKey, verifyNote } from '@lucid/checkpoint/portable';
  export { ed25519GenerateKey, kdfDeriveSubkey, xchacha20poly1305Open, xchacha20poly1305Seal } from '@lucid/crypto/portable';
  export { leafHash, TreeBuilder, verifyInclusion } from '@lucid/merkle/portable';
  export { canonicalBytes, parseCanonical } from '@lucid/jcs';
  export * from '@lucid/bytes';
`;

// Fails by itself where anything reachable imports a node: module.
const bundle = execFileSync(
  ESBUILD,
  [
    '--bundle',
    '--platform=browser',
    '--format=iife',
    '--global-name=lucid',
    '--loader=ts',
    '--log-level=error',
  ],
  { cwd: __dirname, input: ENTRY, encoding: 'utf8' },
);

/** What browsers have besides ECMAScript. */
const run = (script: string, input?: unknown): unknown =>
  vm.runInNewContext(`${bundle}\n;(${script})(JSON.parse(input))`, {
    TextEncoder,
    TextDecoder,
    crypto: webcrypto,
    input: JSON.stringify(input ?? null),
  });

it('judge notes', () => {
  const vectors = JSON.parse(ownVector('signed-note/notes.json')) as {
    keys: { vkey: string; known: boolean }[];
    notes: { note: string; accepted: boolean }[];
  };
  const accepted = run(
    `({ keys, notes }) => {
      const verifiers = keys.filter((key) => key.known).map((key) => lucid.parseVerifierKey(key.vkey));
      return JSON.stringify(notes.map(({ note }) => {
        try { return lucid.verifyNote(note, verifiers).ok; } catch (error) {
          if (error.name === 'NoteError') return false;
          throw error;
        }
      }));
    }`,
    vectors,
  );
  expect(JSON.parse(accepted as string)).toEqual(vectors.notes.map((note) => note.accepted));
});

it('open what they sealed, build trees, write canonical JSON', () => {
  const script = `() => {
    const { secretKey } = lucid.ed25519GenerateKey();
    const key = lucid.kdfDeriveSubkey(secretKey, 7, 'lucidchk');
    const plain = lucid.canonicalBytes({ b: 1, a: 'é' });
    const nonce = new Uint8Array(24);
    const opened = lucid.xchacha20poly1305Open(key, nonce, lucid.xchacha20poly1305Seal(key, nonce, plain, key), key);
    const tree = new lucid.TreeBuilder();
    tree.append(lucid.leafHash(opened));
    const leafHash = lucid.leafHash(plain);
    const included = lucid.verifyInclusion({ leafHash, index: 0, size: 1, proof: [], root: tree.root() });
    return included + ' ' + lucid.parseCanonical(opened).a;
  }`;
  expect(run(script)).toBe('true é');
});
