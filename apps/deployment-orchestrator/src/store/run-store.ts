/** Runs, written before and after everything that they do. */
import type { Run, RunStep } from '@lucid/contracts';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { Static } from 'typebox';

type Json = string;
type Answer = Static<typeof Run>;

/** As it is answered, and what a restart must know besides. */
export interface StepState extends Static<typeof RunStep> {
  /** When it was begun, for its time limit. */
  readonly startedAtMs?: number;
}

export interface RunDocument {
  readonly runId: string;
  readonly planId: string;
  readonly planHash: string;
  /** SHA-256 of what was asked for. */
  readonly requestHash: string;
  readonly plan: Json;
  readonly inputs: Json;
  /** Of each step of the plan, in its order: StepState. */
  readonly steps: Json;
  readonly status: Answer['status'];
  readonly account?: string | undefined;
  readonly firstNonce?: number | undefined;
  readonly results?: Json | undefined;
  readonly stopped?: Answer['stopped'] | undefined;
  /** There while it is running or compensating: since when. */
  readonly openSinceMs?: number | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs?: number | undefined;
  readonly nextTryAtMs?: number | undefined;
}

const runs = defineCollection<RunDocument>({
  name: 'deployment-runs',
  key: ({ runId }) => runId,
  indexes: [
    { name: 'open', fields: ['openSinceMs'] },
    { name: 'started', fields: ['startedAtMs'] },
    { name: 'plan', fields: ['planId', 'startedAtMs'] },
  ],
});

export type RunStore = Collection<RunDocument>;

export const openRunStore = (documents: DocumentStore): Promise<RunStore> => documents.collection(runs);
