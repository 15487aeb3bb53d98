/** What the service and its worker say to each other. */
import type { CompiledContract, Diagnostic } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { CompileInput } from './compile-input.ts';
import type { CompilerFiles } from './compiler-files.ts';

export interface CompileJob {
  readonly input: CompileInput;
  readonly files: CompilerFiles;
  /** What the compiler's WebAssembly may take. */
  readonly memoryBytes: number;
}

export interface Compiled {
  readonly kind: 'compiled';
  readonly compiler: string;
  readonly ok: boolean;
  readonly diagnostics: Static<typeof Diagnostic>[];
  readonly contracts: Static<typeof CompiledContract>[];
  readonly sources: { readonly name: string; readonly sha256: string }[];
}

/** `memory`: it asked for more than it may have. `failed`: it broke down; `why` is its own words. */
export type CompileOutcome =
  | Compiled
  | { readonly kind: 'memory' }
  | { readonly kind: 'failed'; readonly why: string };
