/** Compilations by the id of their input: an equal one is compiled once, also where two come at the same time. */
import type { CompileAnswer, CompiledArtifact } from '@lucid/contracts';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { type ArtifactStore, MAX_ARTIFACT_BYTES } from '../store/artifact-store.ts';
import { artifactIdOf, type CompileInput, compileInputOf, type Request } from './compile-input.ts';
import type { CompilerPool } from './compiler-pool.ts';
import { COMPILER, OPENZEPPELIN } from './versions.ts';
import type { Compiled } from './worker-protocol.ts';

type Answer = Static<typeof CompileAnswer>;
type Artifact = Static<typeof CompiledArtifact>;

const DEFAULT_DEADLINE_MS = 30_000;

const bytesOf = (code: string): number => (code.length - 2) / 2;

const answerOf = (
  id: string,
  { ok, diagnostics, contracts }: Pick<Compiled, 'ok' | 'diagnostics' | 'contracts'>,
): Answer => ({
  id,
  ok,
  diagnostics,
  contracts: contracts.map(({ source, name, bytecode, deployedBytecode }) => ({
    source,
    name,
    bytecodeBytes: bytesOf(bytecode),
    deployedBytecodeBytes: bytesOf(deployedBytecode),
  })),
});

export class Compilations {
  readonly #pool: CompilerPool;
  readonly #artifacts: ArtifactStore;
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor({ pool, artifacts }: { pool: CompilerPool; artifacts: ArtifactStore }) {
    this.#pool = pool;
    this.#artifacts = artifacts;
  }

  /** Faults of the sources are in the answer; only what compiles is kept. */
  async compile(request: Request): Promise<Answer> {
    const input = compileInputOf(request);
    const id = artifactIdOf(input);
    const kept = await this.#artifacts.get(id);
    if (kept) return answerOf(id, { ...(JSON.parse(kept.document.json) as Artifact), ok: true });
    const running = this.#underWay.get(id);
    if (running) return running;
    const work = this.#compile(id, input, request.deadlineMs ?? DEFAULT_DEADLINE_MS);
    this.#underWay.set(id, work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(id);
    }
  }

  async artifactJson(id: string): Promise<string> {
    const kept = await this.#artifacts.get(id);
    if (!kept) throw problem('artifact_unknown');
    return kept.document.json;
  }

  async #compile(id: string, input: CompileInput, deadlineMs: number): Promise<Answer> {
    const compiled = await this.#pool.compile(input, deadlineMs);
    if (compiled.compiler !== COMPILER)
      throw new Error(`the compiler is ${compiled.compiler}, not ${COMPILER}`);
    if (compiled.ok) await this.#keep(id, input, compiled);
    return answerOf(id, compiled);
  }

  async #keep(id: string, { settings }: CompileInput, compiled: Compiled): Promise<void> {
    const { compiler, sources, contracts, diagnostics } = compiled;
    const artifact: Artifact = {
      ...{ id, compiler, openZeppelin: OPENZEPPELIN },
      settings: { ...settings, optimizer: { ...settings.optimizer } },
      ...{ sources, contracts, diagnostics },
    };
    const json = JSON.stringify(artifact);
    if (Buffer.byteLength(json) > MAX_ARTIFACT_BYTES)
      throw problem('artifact_too_large', { detail: 'Compile fewer contracts at a time.' });
    await this.#artifacts.upsert({ id, json });
  }
}
