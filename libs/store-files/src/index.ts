export { redoTrailer, replaceTrailer } from './closed-session.ts';
export type { FileSystem, StoreFile } from './file-system.ts';
export { nodeFileSystem } from './file-system.ts';
export {
  FilesChunkStore,
  openFilesChunkStore,
} from './files-chunk-store.ts';
export { type HandedPack, markPack } from './pack.ts';
export type { SessionPaths } from './session-paths.ts';
