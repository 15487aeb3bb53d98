/**
 * The thread in which one compilation runs. It is started for it and ends with it, so that nothing of one input is there for the
 * next, and all memory is given back. WebAssembly cannot reach anything but the callbacks below.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import * as solidityBindings from 'solc/bindings';
import { compiledOf, type SolidityOutput } from './domain/solidity-output.ts';
import type { CompileJob, CompileOutcome } from './domain/worker-protocol.ts';

/** Node's types leave it to those of browsers. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: { readonly Memory: { readonly prototype: WasmMemory } };

const PAGE_BYTES = 65_536;
const LIBRARY = /^@openzeppelin\/contracts\/((?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-]+\.sol)$/;
const OUTPUTS = [
  'abi',
  'metadata',
  'evm.bytecode.object',
  'evm.bytecode.linkReferences',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.immutableReferences',
  'evm.methodIdentifiers',
];

/** The code is what is executed, and no hash of comments and paths. */
const METADATA = { bytecodeHash: 'none', appendCBOR: false };

interface SolidityCompiler {
  version(): string;
  compile(input: string, callbacks: { import(name: string): { contents?: string; error?: string } }): string;
}

/**
 * All growth of the compiler's memory goes through this one function: beyond the bound it is refused as where the machine has no more,
 * and the compiler says so (`std::bad_alloc`). Gives whether that has happened.
 */
function boundMemory(maxBytes: number): () => boolean {
  const grow = WebAssembly.Memory.prototype.grow;
  let refused = false;
  WebAssembly.Memory.prototype.grow = function bounded(this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > maxBytes) {
      refused = true;
      throw new RangeError('the compilation may not have more memory');
    }
    return grow.call(this, pages);
  };
  return () => refused;
}

type SetUpBindings = typeof solidityBindings.default;

/** Where an ES module takes a CommonJS one, its default is the whole of it. */
function setUpBindings(): SetUpBindings {
  const { default: given } = solidityBindings as { default: SetUpBindings | { default: SetUpBindings } };
  return typeof given === 'function' ? given : given.default;
}

/** Without solc's own wrapper, which carries a client to download other versions. */
function loadCompiler(soljson: string): SolidityCompiler {
  const { compileBindings, coreBindings } = setUpBindings()(createRequire(import.meta.url)(soljson));
  return {
    version: coreBindings.version as () => string,
    compile: compileBindings.compileStandard as SolidityCompiler['compile'],
  };
}

function run({ input, files, memoryBytes }: CompileJob): CompileOutcome {
  const texts = new Map(Object.entries(input.sources));
  const given = new Set(texts.keys());
  const find = (name: string) => {
    const path = LIBRARY.exec(name)?.[1];
    if (!path) return { error: 'It is not among the sources.' };
    try {
      const contents = readFileSync(join(files.openZeppelin, path), 'utf8');
      texts.set(name, contents);
      return { contents };
    } catch {
      return { error: 'The library has no such source.' };
    }
  };
  const ranOut = boundMemory(memoryBytes);
  try {
    const compiler = loadCompiler(files.soljson);
    const sources = Object.fromEntries([...texts].map(([name, content]) => [name, { content }]));
    const settings = { ...input.settings, metadata: METADATA, outputSelection: { '*': { '*': OUTPUTS } } };
    const text = compiler.compile(JSON.stringify({ language: 'Solidity', sources, settings }), {
      import: find,
    });
    const output = JSON.parse(text) as SolidityOutput;
    const broken = output.errors?.find(({ type }) => /^(Internal)?(Exception|CompilerError)$/.test(type));
    if (!broken) return compiledOf(output, given, texts, compiler.version());
    return ranOut() ? { kind: 'memory' } : { kind: 'failed', why: broken.message };
  } catch (error) {
    return ranOut() ? { kind: 'memory' } : { kind: 'failed', why: String(error) };
  }
}

parentPort?.postMessage(run(workerData as CompileJob));
