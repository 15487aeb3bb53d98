export type { FileSystem, StoreFile } from './file-system.ts';
export { nodeFileSystem } from './file-system.ts';
export {
  FilesChunkStore,
  type FilesChunkStoreDependencies,
  type FilesChunkStoreOptions,
  openFilesChunkStore,
} from './files-chunk-store.ts';
export {
  claimPackRange,
  closePack,
  FIRST_RECORD_OFFSET,
  finishPack,
  markPack,
  openPack,
  type Pack,
  syncPack,
  writePackParts,
} from './pack.ts';
