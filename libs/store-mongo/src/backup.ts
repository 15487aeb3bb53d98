export {
  type CollectionMetadata,
  DamagedBsonError,
  documentsIn,
  insertableOf,
  metadataText,
  parseMetadata,
} from './backup-bson.ts';
export {
  asideName,
  BackupDatabase,
  type BackupDatabaseOptions,
  type CollectionStats,
  type ServerKind,
  type StoreDisk,
} from './backup-database.ts';
export { BACKUP_STORE_ERRORS, BackupStoreError, type BackupStoreErrorCode } from './backup-errors.ts';
