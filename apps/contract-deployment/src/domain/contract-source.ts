/** The contracts that can be deployed: those of the house, and what contract-compiler keeps. */
import { bytesToHex } from '@lucid/bytes';
import { type Abi, type Hex, hashOfBytes, libraryPlaceholder } from '@lucid/chain-client';
import { artifacts, type ContractArtifact } from '@lucid/chain-contracts';
import type {
  CompiledArtifact,
  CompiledContract,
  ContractIdentity,
  ContractReference,
  contractCompilerContract,
} from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { canonicalBytes } from '@lucid/jcs';
import { type CallOptions, type Client, isProblem } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';

export type Reference = Static<typeof ContractReference>;
export type Identity = Static<typeof ContractIdentity>;
type Artifact = Static<typeof CompiledArtifact>;
type Compiled = Static<typeof CompiledContract>;

/** Runtime code as the compiler gives it. */
export interface RuntimeCode {
  readonly code: Hex;
  readonly immutableReferences: readonly { readonly start: number; readonly length: number }[];
}

export interface LoadedContract {
  readonly identity: Identity;
  readonly abi: Abi;
  /** Linked. Empty where the contract is abstract. */
  readonly creationCode: Hex;
  readonly runtime: RuntimeCode;
}

export class ContractSource {
  readonly #compiler: Client<typeof contractCompilerContract>;

  constructor(compiler: Client<typeof contractCompilerContract>) {
    this.#compiler = compiler;
  }

  /** @throws ProblemError contract_unknown, artifact_unknown, library_missing, compiler_unavailable */
  async load(reference: Reference, options: CallOptions = {}): Promise<LoadedContract> {
    if ('house' in reference) return houseContract(reference.house);
    const artifact = await this.#artifact(reference.artifactId, options);
    const contract = contractIn(artifact, reference);
    const link = linkerOf(contract, reference.libraries ?? {});
    return loaded({
      origin: 'compiled',
      name: contract.name,
      source: contract.source,
      artifactId: artifact.id,
      compiler: artifact.compiler,
      sourceHash: sourceHashOf(artifact.sources),
      abi: contract.abi,
      creationCode: link(contract.bytecode),
      runtime: { code: link(contract.deployedBytecode), immutableReferences: contract.immutableReferences },
    });
  }

  async #artifact(artifactId: string, options: CallOptions): Promise<Artifact> {
    try {
      return await this.#compiler.getArtifact({ params: { artifactId } }, options);
    } catch (error) {
      if (isProblem(error, 'artifact_unknown'))
        throw problem('artifact_unknown', {
          detail: `The compiler keeps no artifact ${artifactId}; compile it first.`,
        });
      throw problem('compiler_unavailable', { cause: error });
    }
  }
}

const textHash = (text: string): string => bytesToHex(sha256(new TextEncoder().encode(text)));

/** As the artifacts of the house have it. */
function sourceHashOf(sources: Artifact['sources']): string {
  const sorted = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  return textHash(sorted.map(({ name, sha256: hash }) => `${hash} ${name}\n`).join(''));
}

interface Parts extends Omit<Identity, 'abiHash' | 'creationHash'> {
  readonly abi: readonly unknown[];
  readonly creationCode: Hex;
  readonly runtime: RuntimeCode;
}

function loaded({ abi, creationCode, runtime, ...identity }: Parts): LoadedContract {
  const abiHash = bytesToHex(sha256(canonicalBytes(abi)));
  return {
    identity: { ...identity, abiHash, creationHash: hashOfBytes(creationCode) },
    abi: abi as Abi,
    creationCode,
    runtime,
  };
}

function houseContract(name: string): LoadedContract {
  const artifact = Object.hasOwn(artifacts, name)
    ? (artifacts as Readonly<Record<string, ContractArtifact>>)[name]
    : undefined;
  if (!artifact)
    throw problem('contract_unknown', {
      detail: `There is no contract ${name} of the house; there are ${Object.keys(artifacts).join(', ')}.`,
    });
  const { contractName, sourceName, compiler, sourceHash, abi, bytecode, deployedBytecode } = artifact;
  return loaded({
    ...{ origin: 'house', name: contractName, source: sourceName, compiler, sourceHash, abi },
    creationCode: bytecode,
    runtime: { code: deployedBytecode, immutableReferences: artifact.immutableReferences },
  });
}

function contractIn({ contracts }: Artifact, { source, name }: { source?: string; name: string }): Compiled {
  const found = contracts.filter(
    (each) => each.name === name && (source === undefined || each.source === source),
  );
  if (found.length === 1) return found[0]!;
  const detail =
    found.length === 0
      ? `The artifact has ${contracts
          .map((each) => `${each.source}:${each.name}`)
          .join(', ')
          .slice(0, 500)}.`
      : `The artifact has several of this name; give the source too: ${found.map((each) => each.source).join(', ')}.`;
  throw problem('contract_unknown', { detail });
}

const PLACEHOLDER = /__\$[0-9a-f]{34}\$__/;

/** Puts libraries' addresses where the compiler left room for them. */
function linkerOf({ linkReferences }: Compiled, libraries: Readonly<Record<string, string>>) {
  const wanted = new Set(linkReferences.map(({ source, library }) => `${source}:${library}`));
  const missing = [...wanted].filter((each) => libraries[each] === undefined);
  if (missing.length > 0)
    throw problem('library_missing', {
      detail: `Give the address of ${missing.join(', ')} in \`libraries\`.`,
    });
  return (code: string): Hex => {
    const linked = Object.entries(libraries).reduce((text, [each, address]) => {
      const split = each.lastIndexOf(':');
      const placeholder = libraryPlaceholder(each.slice(0, split), each.slice(split + 1));
      return text.replaceAll(placeholder, address.slice(2).toLowerCase());
    }, code);
    if (PLACEHOLDER.test(linked))
      throw problem('library_missing', {
        detail: 'The code uses a library that `linkReferences` does not name.',
      });
    return linked as Hex;
  };
}
