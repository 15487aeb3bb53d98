export type { EncryptorAdapters } from './context.ts';
export type { AdoptedRow, BulkCapability } from './domain/bulk.ts';
export { sessionEncryptor } from './service.ts';
