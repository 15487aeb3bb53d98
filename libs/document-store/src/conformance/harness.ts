import type { DocumentStore } from '../document-store.ts';

/** How the suite gets a store: an empty one for each call. */
export interface StoreFactory {
  open(options: { readonly nowMs: () => number }): Promise<OpenedStore>;
}

export interface OpenedStore {
  readonly store: DocumentStore;
  /** A second store over the same data, as another process would have it. The caller closes it. */
  openAgain(): Promise<DocumentStore>;
  /** Closes `store` and removes its data. */
  dispose(): Promise<void>;
}

export interface SuiteOptions {
  /** Runs of the model-based property; its seed is printed when it fails. Default 40. */
  readonly propertyRuns?: number;
  /** Longest random program of it. Default 40. */
  readonly programLength?: number;
  /** Writers that race for one document. Default 16. */
  readonly racers?: number;
}

export interface Session {
  id: string;
  owner?: string | null;
  state: string;
  startedAtMs?: number;
  anchor?: string;
  doneAtMs?: number;
  note?: unknown;
}

/** Runs `work` on a fresh store and always disposes of it. */
export async function withStore(
  factory: StoreFactory,
  work: (opened: OpenedStore, clock: { nowMs: number }) => Promise<void>,
): Promise<void> {
  const clock = { nowMs: 1_700_000_000_000 };
  const opened = await factory.open({ nowMs: () => clock.nowMs });
  try {
    await work(opened, clock);
  } finally {
    await opened.dispose();
  }
}
