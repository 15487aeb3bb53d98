import { describeChunkStore } from './conformance.ts';
import { createMemoryChunkStore, type MemoryChunks } from './memory-chunk-store.ts';

describeChunkStore('memory', async () => {
  const chunks: MemoryChunks = new Map();
  return { open: async () => createMemoryChunkStore(chunks), dispose: async () => chunks.clear() };
});
