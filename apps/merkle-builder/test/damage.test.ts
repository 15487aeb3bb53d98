import { bytesToHex } from '@lucid/bytes';
import { DocumentStoreError } from '@lucid/document-store';
import { rootOfLeaves } from '@lucid/merkle';
import { closeBuilders, leafAt, leavesFrom, problemOf, put, sessionA, start } from './builder-stack.ts';

afterEach(closeBuilders);

const params = { sessionId: sessionA };

describe('a store that was tampered with', () => {
  const tamper = async (
    change: (tree: Record<string, unknown>) => void,
    tiles?: (key: string) => boolean,
  ) => {
    const first = await start();
    await put(first, 0, leavesFrom(0, 700));
    await first.stack.close();
    const rows = first.documents.get('merkle-trees');
    change(rows?.get(sessionA)?.document as Record<string, unknown>);
    for (const key of first.documents.get('merkle-tiles')?.keys() ?? [])
      if (tiles?.(key)) first.documents.get('merkle-tiles')?.delete(key);
    return start({ documents: first.documents });
  };

  test('a smaller tree than the signed one is refused', async () => {
    const builder = await tamper((tree) => {
      Object.assign(tree, { size: 512, frontier: leavesFrom(0, 1)[0], tail: new Uint8Array(0) });
    });
    expect(await problemOf(put(builder, 512, [leafAt(512)]))).toBe('tree_damaged');
    expect(await problemOf(builder.client().finalizeTree({ params, body: { size: 512 } }))).toBe(
      'tree_damaged',
    );
  });

  test('another tree of the signed size is refused', async () => {
    const builder = await tamper((tree) => {
      (tree.frontier as Uint8Array)[0] = ((tree.frontier as Uint8Array)[0] as number) ^ 1;
    });
    expect(await problemOf(put(builder, 700, [leafAt(700)]))).toBe('tree_damaged');
  });

  test('a checkpoint by another key is refused', async () => {
    const builder = await tamper((tree) => {
      tree.checkpoint = (tree.checkpoint as string).replace(/[A-Za-z0-9+/]{8}=?=?\n$/, 'AAAAAAAA\n');
    });
    expect(await problemOf(put(builder, 700, [leafAt(700)]))).toBe('tree_damaged');
  });

  test('proofs over lost tiles are refused', async () => {
    const builder = await tamper(
      () => {},
      (key) => key.includes('/0/'),
    );
    const client = builder.client();
    expect(await problemOf(client.inclusionProof({ params, query: { index: 1 } }))).toBe('tree_damaged');
    expect(await problemOf(client.consistencyProof({ params, query: { first: 300 } }))).toBe('tree_damaged');
    expect(await problemOf(client.getLeaves({ params, query: { firstIndex: 0, limit: 9 } }))).toBe(
      'tree_damaged',
    );
  });
});

test('a store out of reach or without room is said so, and the tree goes on when it is back', async () => {
  let failure: string | null = null;
  const builder = await start({
    wrap: (store) =>
      Object.assign(Object.create(store) as typeof store, {
        collection: store.collection.bind(store),
        batch: async (operations: Parameters<typeof store.batch>[0]) => {
          const versions = await store.batch(operations);
          // The worst case: it was written, and nobody was told.
          if (failure) throw new DocumentStoreError(failure as 'store_full', 'for the test');
          return versions;
        },
      }),
  });
  let size = 0;
  for (const [code, problem] of [
    ['store_unavailable', 'unavailable'],
    ['store_full', 'store_full'],
  ] as const) {
    failure = code;
    expect(await problemOf(put(builder, size, leavesFrom(size, 300)))).toBe(problem);
    failure = null;
    size += 301;
    await put(builder, size - 301, leavesFrom(size - 301, 301));
  }
  const { root } = await builder.client().getTree({ params });
  expect(root).toBe(bytesToHex(rootOfLeaves(leavesFrom(0, size))));
});

test('a wrong recorder key is a configuration fault that does not show the key', async () => {
  const secret = 'PRIVATE+KEY+x+00000000+c2VjcmV0';
  const { startTestStack } = await import('@lucid/service-kit/testing');
  const { merkleBuilder } = await import('../src/index.ts');
  const starting = startTestStack({
    transport: 'local',
    definitions: [merkleBuilder],
    environment: { LUCID_RECORDER_KEY: secret },
  });
  await expect(starting).rejects.toMatchObject({ name: 'ConfigError' });
  await expect(starting).rejects.not.toMatchObject({ message: expect.stringContaining('c2VjcmV0') });
});
