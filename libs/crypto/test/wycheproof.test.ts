/** Project Wycheproof, both faces: we accept exactly what is marked valid, and every test of the file is run. */
import { bytesToHex, concatBytes, hexToBytes } from '@lucid/bytes';
import { ownVector, sharedVector } from '../../../vectors/locate.ts';
import { nativeCrypto } from '../src/index.ts';
import { portableCrypto } from '../src/portable.ts';
import type { CryptoSuite } from '../src/suite.ts';

interface Case {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly sig: string;
}

interface Group {
  readonly tests: readonly Case[];
  readonly tagSize: number;
  readonly publicKey: { readonly pk: string };
}

interface Vectors {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

const SUITES: readonly [string, CryptoSuite][] = [
  ['native', nativeCrypto],
  ['portable', portableCrypto],
];

/** A wrong size is a RangeError by contract; for a vector it counts as refused. */
function orRefused<T>(use: () => T): T | null {
  try {
    return use();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function xchacha(suite: CryptoSuite, each: Case): boolean {
  const [key, iv, aad, msg, ct, tag] = [each.key, each.iv, each.aad, each.msg, each.ct, each.tag].map(
    hexToBytes,
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const opened = orRefused(() => suite.xchacha20poly1305Open(key, iv, concatBytes(ct, tag), aad));
  if (opened === null) return false;
  const sealed = suite.xchacha20poly1305Seal(key, iv, msg, aad);
  return bytesToHex(opened) === each.msg && bytesToHex(sealed) === each.ct + each.tag;
}

const ed25519 = (suite: CryptoSuite, each: Case, group: Group): boolean =>
  suite.ed25519Verify(hexToBytes(group.publicKey.pk), hexToBytes(each.msg), hexToBytes(each.sig));

const hmac = (suite: CryptoSuite, each: Case, group: Group): boolean =>
  bytesToHex(suite.hmacSha256(hexToBytes(each.key), hexToBytes(each.msg))).slice(0, group.tagSize / 4) ===
  each.tag;

describe.each([
  ['xchacha20_poly1305', 315, xchacha],
  ['ed25519', 151, ed25519],
  ['hmac_sha256', 174, hmac],
] as const)('Wycheproof %s', (name, fullCount, accepts) => {
  const sets = [
    ['subset', ownVector(`wycheproof/${name}_subset.json`), null],
    ['full', sharedVector(`wycheproof/${name}_test.json`), fullCount],
  ] as const;
  for (const [which, text, count] of sets.filter(([, each]) => each !== null)) {
    it.each(SUITES)(`${which}, %s`, (_, suite) => {
      const vectors = JSON.parse(text!) as Vectors;
      let ran = 0;
      for (const group of vectors.testGroups) {
        for (const each of group.tests) {
          ran++;
          expect([each.tcId, accepts(suite, each, group)]).toEqual([each.tcId, each.result === 'valid']);
        }
      }
      expect(ran).toBe(vectors.numberOfTests);
      if (count !== null) expect(ran).toBe(count);
    });
  }
});
