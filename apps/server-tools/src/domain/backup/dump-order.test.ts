import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inDumpOrder, isKnownCollection } from './dump-order.ts';

const ROOT = join(__dirname, '../../../../..');

/** Names in `defineCollection({ name: '…' })` of every service. */
function definedCollections(): string[] {
  const files = readdirSync(join(ROOT, 'apps'), { recursive: true, encoding: 'utf8' }).filter(
    (each) => each.includes('/src/') && each.endsWith('.ts') && !each.endsWith('.test.ts'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, 'apps', file), 'utf8');
    return [...text.matchAll(/defineCollection(?:<[^(]*>)?\(\s*\{\s*name:\s*'([^']+)'/g)].map(
      ([, name = '']) => name,
    );
  });
}

it('every collection of every service has its place: a new one must be thought about', () => {
  const defined = definedCollections();
  expect(defined.length).toBeGreaterThan(20);
  expect(defined.filter((name) => !isKnownCollection(name))).toEqual([]);
});

const orderOf = (...names: string[]) => inDumpOrder(names.map((name) => ({ name }))).map(({ name }) => name);

it.each([
  [['sessions', 'session-evidence']],
  [['sessions', 'encryptor-sessions']],
  [['encryptor-sessions', 'evidence.files']],
  [['evidence.files', 'evidence.chunks']],
  [['encryptor-sessions', 'merkle-trees']],
  [['merkle-trees', 'merkle-tiles']],
  [['auth-logins', 'auth-users']],
  [['auth-audit-anchors', 'auth-audit']],
  [['auth-audit', 'auth-audit-cut']],
  [['_indexes', 'sessions']],
])('%j: what points comes before what is pointed to', (names) => {
  expect(orderOf(...names)).toEqual(names);
  expect(orderOf(...[...names].reverse())).toEqual(names);
});

it('what is not known comes last, by name, with the entries of GridFS before their pieces', () => {
  expect(orderOf('b.chunks', 'z', 'leases', 'b.files', 'a.chunks', 'a.files', 'sessions')).toEqual([
    ...['sessions', 'leases', 'a.files', 'b.files', 'z', 'a.chunks', 'b.chunks'],
  ]);
});
