/**
 * The public conformance tests (github.com/ethereum/execution-apis, tests/): their chain is imported through every fork, then each
 * question of their files is asked. LUCID_EXECUTION_APIS names the folder; nothing of it is kept here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { splitItems } from '../src/formats/rlp-slices.ts';
import { startChain } from './chain-stack.ts';
import { differences, notOffered } from './execution-apis-differences.ts';
import { isDescribed, shapeFaults } from './openrpc.ts';

const folder = process.env.LUCID_EXECUTION_APIS ?? '';
const isHere = folder !== '' && existsSync(join(folder, 'chain.rlp'));
if (!isHere) console.warn('skipped: LUCID_EXECUTION_APIS names no folder with the tests of execution-apis');
const given = isHere ? test : test.skip;

interface Exchange {
  readonly request: { readonly method: string };
  readonly expected: {
    readonly result?: unknown;
    readonly error?: { readonly code: number; readonly data?: string };
  };
}

interface Case {
  readonly name: string;
  readonly isShapeOnly: boolean;
  readonly exchanges: readonly Exchange[];
}

function readCase(name: string): Case {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n');
  const after = (mark: string) =>
    lines.filter((line) => line.startsWith(mark)).map((line) => JSON.parse(line.slice(2)));
  const answers = after('<<');
  return {
    name,
    isShapeOnly: lines.some((line) => line.startsWith('// speconly')),
    exchanges: after('>>').map((request, at) => ({ request, expected: answers[at] })),
  };
}

const cases = (): Case[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(folder, name))
        .filter((file) => file.endsWith('.io'))
        .sort()
        .map((file) => readCase(`${name}/${file}`)),
    );

/** The same members with the same kinds of values; of a list the first item is looked at. */
function sameShape(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && (a.length === 0 || b.length === 0 || sameShape(a[0], b[0]))
    );
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return typeof a === typeof b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && sameShape(a[name as never], b[name as never]))
  );
}

/** Members in any order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, each) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

let stack: Awaited<ReturnType<typeof startChain>> | undefined;
let importMs = 0;
beforeAll(async () => {
  if (!isHere) return;
  stack = await startChain({
    genesis: JSON.parse(readFileSync(join(folder, 'genesis.json'), 'utf8')),
    environment: { CHAIN_PRODUCE: 'off', VM_MIN_GAS_PRICE: '0' },
  });
  const blocks = splitItems(readFileSync(join(folder, 'chain.rlp')));
  const startedAtMs = performance.now();
  for (const [at, body] of blocks.entries())
    await stack.chain.importBlock({ params: { height: at + 1 }, body });
  importMs = performance.now() - startedAtMs;
}, 60_000);
afterAll(() => stack?.close());

async function judge({ exchanges, isShapeOnly }: Case): Promise<string | null> {
  for (const { request, expected } of exchanges) {
    const response = await fetch(stack?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer = (await response.json()) as Exchange['expected'];
    const told = JSON.stringify(answer).slice(0, 400);
    if (expected.error || answer.error) {
      // What the words of an error are is left open there.
      if (expected.error?.code !== answer.error?.code) return `answers ${told}`;
      if (!isShapeOnly && expected.error?.data !== answer.error?.data) return `other data: ${told}`;
      continue;
    }
    const faults = shapeFaults(request.method, answer.result);
    // Some recorded answers break their own document: then it cannot judge ours.
    if (faults.length > 0 && shapeFaults(request.method, expected.result).length === 0)
      return faults.join('; ');
    if (
      isShapeOnly
        ? !(isDescribed(request.method) || sameShape(expected.result, answer.result))
        : canonical(expected.result) !== canonical(answer.result)
    )
      return `answers ${told} where ${JSON.stringify(expected).slice(0, 400)} is expected`;
  }
  return null;
}

given(
  'their chain is imported, and every file of theirs is answered as they say, but those that are listed',
  async () => {
    const failures = new Map<string, string>();
    let passed = 0;
    for (const each of cases()) {
      const why = await judge(each);
      if (why === null) passed += 1;
      else failures.set(each.name, why);
    }
    const unexpected = [...failures].filter(
      ([name]) => !(name in differences) && !notOffered.has(name.split('/')[0] ?? ''),
    );
    const better = Object.keys(differences).filter((name) => !failures.has(name));
    console.info(
      `execution-apis: ${passed} of ${passed + failures.size} files; import took ${Math.round(importMs)} ms`,
    );
    expect({ unexpected, better }).toEqual({ unexpected: [], better: [] });
  },
);
