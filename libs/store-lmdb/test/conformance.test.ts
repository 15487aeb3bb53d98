import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocumentStore } from '@lucid/document-store/conformance';
import { openLmdbStore } from '../src/index.ts';

describeDocumentStore('LMDB', {
  async open({ nowMs }) {
    const folder = await mkdtemp(join(tmpdir(), 'lucid-lmdb-'));
    const store = await openLmdbStore({ folder, nowMs });
    return {
      store,
      openAgain: () => openLmdbStore({ folder, nowMs }),
      async dispose() {
        await store.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});
