export type { AdoptedRow, BulkCapability } from './domain/bulk.ts';
export { sessionEncryptor } from './service.ts';
