import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeChunkStore } from '@lucid/chunk-store/conformance';
import { openFilesChunkStore } from './files-chunk-store.ts';

describeChunkStore('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lucid-files-'));
  return {
    open: () => openFilesChunkStore({ folder: join(folder, 'sessions') }),
    dispose: () => rm(folder, { recursive: true }),
  };
});
