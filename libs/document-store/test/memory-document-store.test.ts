import { describeDocumentStore } from '../src/conformance/index.ts';
import { createMemoryDocumentStore, type MemoryDocuments } from '../src/index.ts';

describeDocumentStore('memory', {
  open: async ({ nowMs }) => {
    const documents: MemoryDocuments = new Map();
    const store = createMemoryDocumentStore(documents, nowMs);
    return {
      store,
      openAgain: async () => createMemoryDocumentStore(documents, nowMs),
      dispose: () => store.close(),
    };
  },
});
