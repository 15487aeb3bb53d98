import type { ContractArtifact } from './artifact.ts';
import {
  lucidAnchors,
  lucidChunkStore,
  lucidGovernor,
  lucidNodes,
  lucidTimelock,
  paramRegistry,
} from './generated/index.ts';

/** All artifacts by the name of their contract. For typed ABIs take the constants themselves. */
export const artifacts = {
  LucidAnchors: lucidAnchors,
  LucidChunkStore: lucidChunkStore,
  LucidGovernor: lucidGovernor,
  LucidNodes: lucidNodes,
  LucidTimelock: lucidTimelock,
  ParamRegistry: paramRegistry,
} as const satisfies Record<string, ContractArtifact>;

export type ContractName = keyof typeof artifacts;
