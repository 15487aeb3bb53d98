/** Artifacts by the id of their input. What is written under an id is always the same. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

/** Below the store's own limit, with room for the rest of the document. */
export const MAX_ARTIFACT_BYTES = 3_500_000;

export interface ArtifactDocument {
  readonly id: string;
  /** A `CompiledArtifact` of the contract, as it is answered. */
  readonly json: string;
}

const artifacts = defineCollection<ArtifactDocument>({
  name: 'contract-artifacts',
  key: ({ id }) => id,
  indexes: [],
});

export type ArtifactStore = Collection<ArtifactDocument>;

export const openArtifactStore = (documents: DocumentStore): Promise<ArtifactStore> =>
  documents.collection(artifacts);
