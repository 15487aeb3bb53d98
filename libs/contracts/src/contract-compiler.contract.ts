import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import { Count, Hash } from './schemas.ts';

/** Bounds of one request; over HTTP its JSON has at most 1 MiB, too. */
export const compileLimits = {
  sources: 100,
  sourceChars: 524_288,
  allChars: 1_048_576,
  maxDeadlineMs: 60_000,
} as const;

/** Rules that code may be made for; the network runs Cancun. */
export const evmVersions = ['paris', 'shanghai', 'cancun', 'prague'] as const;

/** Of a source, as imports name it. What is below `@openzeppelin/contracts/` is the service's own. */
const SourceName = Type.String({
  pattern: '^(?!@openzeppelin/contracts/)@?[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}\\.sol$',
  maxLength: 206,
  description: 'name of a source, as imports give it, ending in .sol',
});

const EvmVersion = Type.Union([
  Type.Literal('paris'),
  Type.Literal('shanghai'),
  Type.Literal('cancun'),
  Type.Literal('prague'),
]);

const CompileSettings = Type.Object(
  {
    optimizer: Type.Optional(
      Type.Object(
        {
          enabled: Type.Optional(Type.Boolean({ default: true })),
          runs: Type.Optional(Type.Integer({ default: 200, minimum: 1, maximum: 1_000_000 })),
        },
        { additionalProperties: false },
      ),
    ),
    evmVersion: Type.Optional(EvmVersion),
    viaIR: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);

export const CompileRequest = Type.Object(
  {
    sources: Type.Array(
      Type.Object(
        { name: SourceName, content: Type.String({ maxLength: compileLimits.sourceChars }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: compileLimits.sources },
    ),
    settings: Type.Optional(CompileSettings),
    /** How long the compiler may work, in milliseconds. */
    deadlineMs: Type.Optional(
      Type.Integer({ default: 30_000, minimum: 100, maximum: compileLimits.maxDeadlineMs }),
    ),
  },
  { additionalProperties: false },
);

/** Lines and columns begin at 1; columns count UTF-16 units, as editors do. */
export const Diagnostic = Type.Object({
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]),
  /** Kind of the fault: `ParserError`, `TypeError`, `Warning` … */
  type: Type.String(),
  code: Type.Optional(Type.String()),
  message: Type.String(),
  source: Type.Optional(Type.String()),
  line: Type.Optional(Count),
  column: Type.Optional(Count),
  endLine: Type.Optional(Count),
  endColumn: Type.Optional(Count),
});

const ContractName = Type.Object({
  source: Type.String(),
  name: Type.String(),
  /** 0 for interfaces and abstract contracts. */
  bytecodeBytes: Count,
  deployedBytecodeBytes: Count,
});

export const CompileAnswer = Type.Object({
  /** SHA-256 of the canonical input: the id of the artifact, where `ok`. */
  id: Hash,
  ok: Type.Boolean(),
  /** At most 200. */
  diagnostics: Type.Array(Diagnostic),
  contracts: Type.Array(ContractName),
});

/** 0x and hexadecimal digits; with libraries that are not linked, their placeholders `__$…$__`. */
const Code = Type.String();
const Range = Type.Object({ start: Count, length: Count });

export const CompiledContract = Type.Object({
  source: Type.String(),
  name: Type.String(),
  abi: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  bytecode: Code,
  deployedBytecode: Code,
  immutableReferences: Type.Array(Range),
  /** Places of libraries' addresses in the creation code. */
  linkReferences: Type.Array(
    Type.Object({ source: Type.String(), library: Type.String(), start: Count, length: Count }),
  ),
  /** Of functions, by signature. */
  selectors: Type.Record(Type.String(), Type.String()),
  /** As the compiler writes it: JSON. */
  metadata: Type.String(),
});

export const CompiledArtifact = Type.Object({
  id: Hash,
  compiler: Type.String(),
  openZeppelin: Type.String(),
  settings: Type.Object({
    optimizer: Type.Object({ enabled: Type.Boolean(), runs: Count }),
    evmVersion: Type.String(),
    viaIR: Type.Boolean(),
  }),
  /** All that were read, imported ones too. */
  sources: Type.Array(Type.Object({ name: Type.String(), sha256: Hash })),
  contracts: Type.Array(CompiledContract),
  /** Warnings. */
  diagnostics: Type.Array(Diagnostic),
});

const callers = ['contract-deployment', 'deployment-orchestrator', 'operator'];

export const contractCompilerContract = defineContract({
  service: 'contract-compiler',
  version: '0.1.0',
  summary: 'Compiles Solidity, offline and within bounds, and keeps the artifacts.',
  basePath: '/api/v1',
  errors: {
    source_malformed: { status: 400, title: 'The text of a source is not well-formed Unicode.' },
    source_twice: { status: 400, title: 'Two sources have the same name.' },
    compile_timed_out: { status: 422, title: 'The compiler did not end within its deadline.' },
    compile_too_large: { status: 422, title: 'The compiler needed more memory than it may have.' },
    artifact_too_large: { status: 422, title: 'The artifact is larger than what is kept.' },
    compiler_failed: { status: 422, title: 'The compiler broke down over this input.' },
    compiler_busy: { status: 503, title: 'Too many compilations wait; ask again later.' },
    artifact_unknown: { status: 404, title: 'There is no artifact of this id; compile it.' },
    store_full: { status: 507, title: 'There is no room for the artifact; free some and try again.' },
  },
  operations: {
    compile: {
      method: 'POST',
      path: '/compile',
      summary:
        'Compiles sources; an equal input is compiled once. Faults of the sources are diagnostics, not errors.',
      callers,
      body: CompileRequest,
      response: CompileAnswer,
      idempotent: true,
      errors: [
        'source_malformed',
        'source_twice',
        'compile_timed_out',
        'compile_too_large',
        'artifact_too_large',
        'compiler_failed',
        'compiler_busy',
        'store_full',
      ],
      deadlineMs: 120_000,
    },
    getArtifact: {
      method: 'GET',
      path: '/artifacts/:artifactId',
      summary: 'ABI, code and metadata of all contracts of a compilation.',
      callers,
      params: Type.Object({ artifactId: Hash }),
      response: CompiledArtifact,
      errors: ['artifact_unknown'],
    },
    getVersions: {
      method: 'GET',
      path: '/versions',
      summary: 'The compiler, the library at hand, and bounds.',
      callers,
      response: Type.Object({
        compiler: Type.String(),
        openZeppelin: Type.String(),
        evmVersions: Type.Array(Type.String()),
        limits: Type.Object({
          sources: Count,
          sourceChars: Count,
          allChars: Count,
          maxDeadlineMs: Count,
          memoryMb: Count,
        }),
      }),
    },
  },
});
