/** What bounds requests; shown at `/meta/limits`. */
import { SESSION_BATCH } from '@lucid/contracts';

export const LIMITS = {
  pageItems: 1_000,
  defaultPageItems: 100,
  batchItems: SESSION_BATCH,
  /** A page is cut short rather than looked for through everything. */
  pagesPerRequest: 20,
  sortedRows: 10_000,
  idempotencyKeySeconds: 86_400,
  /** Of the service kit. */
  jsonBodyBytes: 1_048_576,
} as const;
