import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { artifacts } from '@lucid/chain-contracts';
import { contractCompilerContract } from '@lucid/contracts';
import { createMemoryDocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { type Client, createServiceKeys } from '@lucid/service-kit';
import { startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { COMPILER, OPENZEPPELIN } from '../src/domain/versions.ts';
import { contractCompiler } from '../src/index.ts';
import { bundleWorker } from './worker-bundle.ts';

jest.setTimeout(300_000);

const contracts = join(__dirname, '../../../libs/chain-contracts/contracts');
const keys = createServiceKeys(['contract-compiler', 'operator', 'api-server']);
const source = (content: string, name = 'a.sol') => ({
  name,
  content: `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n${content}`,
});
const counter = source('contract Counter { uint256 public n; function add() external { ++n; } }');
/** The compiler has much to do with many variables in memory and its newer way to generate code. */
const bomb = source(
  `contract A { function f(uint a) public pure returns (uint) {${Array.from({ length: 400 }, (_, i) => `uint[${i + 2}] memory x${i}; x${i}[0] = a + ${i};`).join('')} return a; } }`,
);

let worker: Awaited<ReturnType<typeof bundleWorker>>;
let stack: TestStack;
let client: Client<typeof contractCompilerContract>;
let documents: MemoryDocuments;

beforeAll(async () => {
  worker = await bundleWorker();
});
afterAll(() => worker.remove());
afterEach(() => stack.close());

async function start(environment: Record<string, string> = {}, transport: 'local' | 'tcp' = 'local') {
  documents = new Map();
  stack = await startTestStack({
    transport,
    definitions: [contractCompiler],
    environment,
    adapters: {
      'contract-compiler': {
        documents: createMemoryDocumentStore(documents, () => Date.now()),
        workerUrl: worker.url,
      },
    },
    keys,
  });
  client = stack.clientOf(contractCompilerContract);
}

const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
};

describe('compiling', () => {
  it('gives for our own contracts what their artifacts are', async () => {
    await start();
    const names = ['LucidGovernor', 'LucidNodes', 'LucidTimelock', 'ParamRegistry'] as const;
    const sources = names.map((name) => ({
      name: `contracts/${name}.sol`,
      content: readFileSync(join(contracts, `${name}.sol`), 'utf8'),
    }));
    const answer = await client.compile({ body: { sources, deadlineMs: 60_000 } });
    expect(answer).toMatchObject({ ok: true, diagnostics: expect.any(Array) });
    const artifact = await client.getArtifact({ params: { artifactId: answer.id } });
    for (const name of names) {
      const made = artifact.contracts.find((each) => each.name === name)!;
      const { abi, selectors, bytecode, deployedBytecode, immutableReferences } = artifacts[name];
      expect(made).toMatchObject({ abi, selectors, bytecode, deployedBytecode, immutableReferences });
    }
    expect(artifact.sources.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'contracts/LucidGovernor.sol',
        '@openzeppelin/contracts/governance/Governor.sol',
      ]),
    );
  });

  it('is done once for equal inputs, in whatever order and however settings are said', async () => {
    await start();
    const other = source('interface I { function f() external; }', 'lib/i.sol');
    const first = await client.compile({ body: { sources: [counter, other] } });
    const stored = documents.size;
    const again = await client.compile({
      body: {
        sources: [other, counter],
        settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'cancun', viaIR: false },
        deadlineMs: 100,
      },
    });
    expect(again).toEqual(first);
    expect(documents.size).toBe(stored);
    expect(first.contracts.map(({ name, bytecodeBytes }) => [name, bytecodeBytes > 0])).toEqual([
      ['Counter', true],
      ['I', false],
    ]);
    const changed = await client.compile({
      body: { sources: [counter, other], settings: { optimizer: { runs: 1 } } },
    });
    expect(changed.id).not.toBe(first.id);
  });

  it('is done once for equal inputs at the same time', async () => {
    await start({ COMPILER_QUEUE: '0' });
    const answers = await Promise.all([1, 2, 3].map(() => client.compile({ body: { sources: [counter] } })));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  });

  it('names the place of a fault, also behind characters of several bytes', async () => {
    await start();
    const faulty = source('// é€😀\n/* 😀 */ contract A { uint x = "text"; }', 'dir/faulty.sol');
    const { ok, diagnostics, contracts: made } = await client.compile({ body: { sources: [faulty] } });
    expect({ ok, made }).toEqual({ ok: false, made: [] });
    const column = '/* 😀 */ contract A { uint x = '.length + 1;
    expect(diagnostics).toEqual([
      expect.objectContaining({
        ...{ severity: 'error', type: 'TypeError', source: 'dir/faulty.sol' },
        ...{ line: 4, column, endLine: 4, endColumn: column + '"text"'.length },
      }),
    ]);
    expect(documents.get('contract-artifacts')?.size ?? 0).toBe(0);
  });

  it('keeps warnings with the artifact', async () => {
    await start();
    const careless = source('contract A { function f() external { uint unused = 1; } }');
    const { ok, id, diagnostics } = await client.compile({ body: { sources: [careless] } });
    expect({ ok, severities: new Set(diagnostics.map(({ severity }) => severity)) }).toEqual({
      ok: true,
      severities: new Set(['warning']),
    });
    expect((await client.getArtifact({ params: { artifactId: id } })).diagnostics).toEqual(diagnostics);
  });

  it.each([
    ['a file of this machine', '/etc/passwd'],
    ['a file beside', '../package.json'],
    ['out of the library', '@openzeppelin/contracts/../../solc/package.sol'],
    ['a page of the web', 'https://example.org/a.sol'],
    ['what the library lacks', '@openzeppelin/contracts/none/None.sol'],
    ['a source that was not given', './b.sol'],
  ])('imports nothing but what is given and the library: %s', async (_, name) => {
    await start();
    const { ok, diagnostics } = await client.compile({ body: { sources: [source(`import "${name}";`)] } });
    expect(ok).toBe(false);
    expect(diagnostics[0]).toMatchObject({ type: 'ParserError', line: 3 });
    expect(diagnostics[0]!.message).toMatch(/not found/);
  });

  it('says where libraries are to be linked', async () => {
    await start();
    const linked = source(
      'library L { function f(uint a) external pure returns (uint) { return a; } } contract A { function g() external pure returns (uint) { return L.f(1); } }',
    );
    const { id } = await client.compile({ body: { sources: [linked] } });
    const { contracts: made } = await client.getArtifact({ params: { artifactId: id } });
    const a = made.find(({ name }) => name === 'A')!;
    expect(a.linkReferences).toEqual([
      expect.objectContaining({ source: 'a.sol', library: 'L', length: 20 }),
    ]);
    expect(a.bytecode).toContain('__$');
  });
});

describe('bounds', () => {
  it('stops what takes too long, and goes on with others', async () => {
    await start();
    const slow = client.compile({ body: { sources: [bomb], settings: { viaIR: true }, deadlineMs: 1_000 } });
    expect(await problemOf(slow)).toBe('compile_timed_out');
    expect((await client.compile({ body: { sources: [counter] } })).ok).toBe(true);
  });

  it('stops what takes too much memory, and goes on with others', async () => {
    await start({ COMPILER_MEMORY_MB: '64' });
    const greedy = client.compile({
      body: { sources: [bomb], settings: { viaIR: true }, deadlineMs: 60_000 },
    });
    expect(await problemOf(greedy)).toBe('compile_too_large');
    expect((await client.compile({ body: { sources: [counter] } })).ok).toBe(true);
  });

  it('answers while it compiles, and refuses more than may wait', async () => {
    await start({ COMPILER_QUEUE: '1' });
    const slow = client.compile({ body: { sources: [bomb], settings: { viaIR: true }, deadlineMs: 3_000 } });
    const waiting = client.compile({ body: { sources: [counter] } });
    const ended = Promise.allSettled([slow, waiting]);
    const busy = source('contract B {}');
    const refused = stack
      .clientOf(contractCompilerContract, { retry: false })
      .compile({ body: { sources: [busy] } });
    expect(await problemOf(refused)).toBe('compiler_busy');
    expect((await client.getVersions({})).compiler).toBe(COMPILER);
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await client.compile({ body: { sources: [busy] } })).ok).toBe(true);
  });

  it('takes nesting without end for a fault of the source', async () => {
    await start();
    const deep = source(`contract A { uint constant x = ${'('.repeat(50_000)}1${')'.repeat(50_000)}; }`);
    const { ok, diagnostics } = await client.compile({ body: { sources: [deep] } });
    expect({ ok, said: diagnostics[0]!.message }).toEqual({
      ok: false,
      said: expect.stringContaining('recursion'),
    });
  });

  it('tells at most 200 diagnostics, errors first', async () => {
    await start();
    const many = source(
      `contract A { ${Array.from({ length: 300 }, (_, i) => `function f${i}(uint a) external {}`).join(' ')} uint x = "text"; }`,
    );
    const { diagnostics } = await client.compile({ body: { sources: [many] } });
    expect(diagnostics.length).toBeLessThanOrEqual(200);
    expect(diagnostics[0]!.severity).toBe('error');
  });
});

describe('input', () => {
  it.each([
    ['two sources of a name', [counter, counter], 'source_twice'],
    ['half a surrogate pair', [source('// \ud800')], 'source_malformed'],
    [
      'more text than is taken',
      [1, 2, 3].map((at) => source('/'.repeat(500_000), `${at}.sol`)),
      'payload_too_large',
    ],
    ['no source', [], 'invalid_request'],
    ['101 sources', Array.from({ length: 101 }, (_, at) => source('', `${at}.sol`)), 'invalid_request'],
    ['a name that climbs', [source('', '../a.sol')], 'invalid_request'],
    ["a name of the library's", [source('', '@openzeppelin/contracts/a.sol')], 'invalid_request'],
    ['a name of another kind', [source('', 'a.yul')], 'invalid_request'],
  ])('is refused: %s', async (_, sources, code) => {
    await start();
    expect(await problemOf(client.compile({ body: { sources } }))).toBe(code);
  });

  it('may be called __proto__', async () => {
    await start();
    const odd = source('contract A {}', '__proto__.sol');
    expect((await client.compile({ body: { sources: [odd] } })).contracts).toHaveLength(1);
  });

  it('is refused over HTTP, too, and so are callers that the contract does not name', async () => {
    await start({}, 'tcp');
    expect(
      await problemOf(
        client.compile({ body: { sources: [{ name: 'a.sol', content: 'x', more: 1 } as never] } }),
      ),
    ).toBe('invalid_request');
    expect((await client.compile({ body: { sources: [counter] } })).ok).toBe(true);
    const stranger = stack.clientOf(contractCompilerContract, { as: 'api-server' });
    expect(await problemOf(stranger.getVersions({}))).toBe('forbidden');
  });
});

it('knows artifacts by their id alone', async () => {
  await start();
  expect(await problemOf(client.getArtifact({ params: { artifactId: '0'.repeat(64) } }))).toBe(
    'artifact_unknown',
  );
});

it('says the versions that it has', async () => {
  await start();
  const library = createRequire(__filename)('@openzeppelin/contracts/package.json') as { version: string };
  expect(OPENZEPPELIN).toBe(library.version);
  expect(artifacts.LucidAnchors.compiler).toBe(COMPILER);
  expect(await client.getVersions({})).toMatchObject({ compiler: COMPILER, openZeppelin: OPENZEPPELIN });
});
