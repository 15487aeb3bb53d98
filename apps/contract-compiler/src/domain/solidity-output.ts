/** The compiler's standard JSON output, and what is made of it. */
import { createHash } from 'node:crypto';
import type { CompiledContract, Diagnostic } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Compiled } from './worker-protocol.ts';

interface Range {
  readonly start: number;
  readonly length: number;
}

interface SolidityFault {
  readonly severity: string;
  readonly type: string;
  readonly errorCode?: string;
  readonly message: string;
  /** In bytes of UTF-8; -1 where the place is not known. */
  readonly sourceLocation?: { readonly file: string; readonly start: number; readonly end: number };
}

interface SolidityContract {
  readonly abi: Record<string, unknown>[];
  readonly metadata: string;
  readonly evm: {
    readonly bytecode: {
      readonly object: string;
      readonly linkReferences?: Readonly<Record<string, Readonly<Record<string, readonly Range[]>>>>;
    };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: Readonly<Record<string, readonly Range[]>>;
    };
    readonly methodIdentifiers: Readonly<Record<string, string>>;
  };
}

export interface SolidityOutput {
  readonly errors?: readonly SolidityFault[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolidityContract>>>>;
}

const MAX_DIAGNOSTICS = 200;
const MAX_MESSAGE_CHARS = 4_096;

/** Line and column, from 1, of a byte of UTF-8 text; columns in UTF-16 units. */
export function positionAt(text: string, byte: number): { line: number; column: number } {
  const before = Buffer.from(text).subarray(0, byte).toString();
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

const severities: Readonly<Record<string, Static<typeof Diagnostic>['severity']>> = {
  error: 'error',
  warning: 'warning',
};

function diagnosticOf(
  { severity, type, errorCode, message, sourceLocation }: SolidityFault,
  texts: ReadonlyMap<string, string>,
): Static<typeof Diagnostic> {
  const text = sourceLocation && texts.get(sourceLocation.file);
  const known = text !== undefined && sourceLocation && sourceLocation.start >= 0;
  const end = known ? positionAt(text, sourceLocation.end) : undefined;
  return {
    severity: severities[severity] ?? 'info',
    type,
    ...(errorCode === undefined ? {} : { code: errorCode }),
    message: message.slice(0, MAX_MESSAGE_CHARS),
    ...(sourceLocation ? { source: sourceLocation.file } : {}),
    ...(known ? positionAt(text, sourceLocation.start) : {}),
    ...(end ? { endLine: end.line, endColumn: end.column } : {}),
  };
}

function contractOf(source: string, name: string, given: SolidityContract): Static<typeof CompiledContract> {
  const { bytecode, deployedBytecode, methodIdentifiers } = given.evm;
  const links = Object.entries(bytecode.linkReferences ?? {}).flatMap(([from, libraries]) =>
    Object.entries(libraries).flatMap(([library, places]) =>
      places.map(({ start, length }) => ({ source: from, library, start, length })),
    ),
  );
  return {
    source,
    name,
    abi: given.abi,
    bytecode: `0x${bytecode.object}`,
    deployedBytecode: `0x${deployedBytecode.object}`,
    immutableReferences: Object.values(deployedBytecode.immutableReferences ?? {})
      .flat()
      .map(({ start, length }) => ({ start, length }))
      .sort((a, b) => a.start - b.start),
    linkReferences: links.sort((a, b) => a.start - b.start),
    selectors: Object.fromEntries(
      Object.entries(methodIdentifiers).map(([signature, selector]) => [signature, `0x${selector}`]),
    ),
    metadata: given.metadata,
  };
}

/** Errors first, so that they are among those that are told. */
const bySeverity = (a: SolidityFault, b: SolidityFault): number =>
  Number(b.severity === 'error') - Number(a.severity === 'error');

/**
 * @param given names of the sources in the request: contracts of these are told, not those of imported ones
 * @param texts all sources that were read
 */
export function compiledOf(
  output: SolidityOutput,
  given: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
  compiler: string,
): Compiled {
  const faults = [...(output.errors ?? [])].sort(bySeverity);
  const ok = faults[0]?.severity !== 'error';
  const contracts = Object.entries(output.contracts ?? {})
    .filter(([source]) => ok && given.has(source))
    .flatMap(([source, all]) => Object.entries(all).map(([name, each]) => contractOf(source, name, each)));
  return {
    kind: 'compiled',
    compiler,
    ok,
    diagnostics: faults.slice(0, MAX_DIAGNOSTICS).map((each) => diagnosticOf(each, texts)),
    contracts,
    sources: [...texts]
      .map(([name, text]) => ({ name, sha256: createHash('sha256').update(text).digest('hex') }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
