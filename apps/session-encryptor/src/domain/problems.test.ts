import { CHUNK_STORE_ERRORS, ChunkStoreError, type ChunkStoreErrorCode } from '@lucid/chunk-store';
import { DocumentStoreError } from '@lucid/document-store';
import { storeProblem, storing } from './problems.ts';

describe('failures of stores', () => {
  it('of the chunk store each have a code', () => {
    for (const code of Object.keys(CHUNK_STORE_ERRORS) as ChunkStoreErrorCode[])
      expect(storeProblem(new ChunkStoreError(code))).toHaveProperty('code');
    expect(storeProblem(new ChunkStoreError('store_full'))).toMatchObject({ code: 'store_full' });
    expect(storeProblem(new ChunkStoreError('store_damaged'))).toMatchObject({ code: 'record_damaged' });
  });

  it.each([
    ['store_full', 'store_full'],
    ['store_unavailable', 'unavailable'],
    ['version_conflict', 'unavailable'],
  ] as const)('of the document store: %s is %s', async (code, expected) => {
    const failing = Promise.reject(new DocumentStoreError(code, 'x'));
    await expect(storing(failing)).rejects.toMatchObject({ code: expected });
  });

  it('others stay what they are', async () => {
    const error = new Error('a defect');
    expect(storeProblem(error)).toBe(error);
    expect(await storing(Promise.resolve(3))).toBe(3);
  });
});
