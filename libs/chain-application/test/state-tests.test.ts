/**
 * GeneralStateTests of ethereum/tests, Cancun, through the same path that blocks take. LUCID_ETHEREUM_TESTS names a copy of that
 * repository.
 */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { loadCrypto } from '../src/crypto.ts';
import { describeIn, jsonFiles, officialFolder } from './official-folders.ts';
import { runStateTest, type StateTest } from './state-test.ts';

const groups = [
  'stExample',
  'VMTests',
  'stSStoreTest',
  'stCreate2',
  'stRevertTest',
  'stLogTests',
  'stPreCompiledContracts',
  'stEIP1559',
  'Shanghai',
  'Cancun',
  'stTransactionTest',
];
/** Minutes each in an interpreter of JavaScript; LUCID_SLOW runs them, too. */
const slow = new Set(['loopExp.json', 'loopMul.json']);
const folder = officialFolder('LUCID_ETHEREUM_TESTS', 'GeneralStateTests');

async function faultsOf(path: string): Promise<{ faults: string[]; cases: number }> {
  const tests = JSON.parse(readFileSync(path, 'utf8')) as Record<string, StateTest>;
  const faults: string[] = [];
  let cases = 0;
  for (const [name, each] of Object.entries(tests)) {
    for (const [index, post] of (each.post.Cancun ?? []).entries()) {
      cases += 1;
      const { hash, logs, refused } = await runStateTest(each, post);
      const expected = post.expectException === undefined;
      if (expected !== (refused === null))
        faults.push(`${name} ${index}: ${refused ?? `not ${post.expectException}`}`);
      else if (hash !== post.hash) faults.push(`${name} ${index}: state ${hash}`);
      else if (expected && logs !== post.logs) faults.push(`${name} ${index}: logs ${logs}`);
    }
  }
  return { faults, cases };
}

describeIn(folder)('official state tests', () => {
  beforeAll(loadCrypto);

  for (const group of groups) {
    test(group, async () => {
      let cases = 0;
      const faults: string[] = [];
      for (const path of jsonFiles(join(folder!, 'GeneralStateTests', group))) {
        if (slow.has(basename(path)) && process.env.LUCID_SLOW === undefined) {
          process.stderr.write(`skipped: ${basename(path)}: LUCID_SLOW is not set\n`);
          continue;
        }
        const found = await faultsOf(path);
        cases += found.cases;
        faults.push(...found.faults.map((fault) => `${basename(path)}: ${fault}`));
      }
      process.stderr.write(`${group}: ${cases} cases, ${faults.length} faults\n`);
      expect(faults).toEqual([]);
      expect(cases).toBeGreaterThan(0);
    }, 600_000);
  }
});
