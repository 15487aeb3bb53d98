import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface PlanDocument {
  readonly planId: string;
  readonly planHash: string;
  /** A `PlanBody` as JSON: names in it are anybody's, and stores take only some. */
  readonly plan: string;
}

const plans = defineCollection<PlanDocument>({
  name: 'deployment-plans',
  key: ({ planId }) => planId,
  indexes: [],
});

export type PlanStore = Collection<PlanDocument>;

export const openPlanStore = (documents: DocumentStore): Promise<PlanStore> => documents.collection(plans);
