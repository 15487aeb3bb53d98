/** Random programs against a store and against a plain map that knows nothing of entries, bounds or pages. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Collection, FindOptions } from '../document-store.ts';
import { DocumentStoreError } from '../errors.ts';
import { type Session, type StoreFactory, type SuiteOptions, withStore } from './harness.ts';
import { sessions } from './sessions.ts';

type Step =
  | { kind: 'insert'; document: Session }
  | { kind: 'upsert'; document: Session }
  | { kind: 'replace'; document: Session; versionOff: number }
  | { kind: 'remove'; key: string; versionOff: number | null }
  | { kind: 'find'; owner: string; from: number | undefined; reverse: boolean; limit: number };

const id = fc.constantFrom('a', 'b', 'c', 'd');
const owner = fc.constantFrom('', 'ada', 'adam', 'é', '\u{1F600}', '\uffee');
const start = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

const document: fc.Arbitrary<Session> = fc.record(
  {
    id,
    state: fc.constantFrom('created', 'recording'),
    owner: fc.option(owner),
    startedAtMs: start,
    anchor: fc.constantFrom('x', 'y'),
    note: fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 9 }), fc.array(fc.array(start))),
  },
  { requiredKeys: ['id', 'state'] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), document }),
  fc.record({ kind: fc.constant('upsert' as const), document }),
  fc.record({ kind: fc.constant('replace' as const), document, versionOff: fc.constantFrom(0, 0, 0, 1) }),
  fc.record({ kind: fc.constant('remove' as const), key: id, versionOff: fc.constantFrom(null, 0, 1) }),
  fc.record({
    kind: fc.constant('find' as const),
    owner,
    from: fc.option(start, { nil: undefined }),
    reverse: fc.boolean(),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
);

/** -0 is stored as 0. */
const normal = <V>(value: V): V => (Array.isArray(value) ? value.map(normal) : value === 0 ? 0 : value) as V;

class Model {
  readonly #rows = new Map<string, { version: number; document: Session }>();

  version(key: string): number {
    return this.#rows.get(key)?.version ?? 0;
  }

  put(document: Session, refuse: (found: number) => string | null): number | string {
    const found = this.version(document.id);
    const why = refuse(found);
    if (why) return why;
    for (const [key, row] of this.#rows) {
      const sameAnchor = document.anchor !== undefined && row.document.anchor === document.anchor;
      if (sameAnchor && key !== document.id) return 'duplicate_key';
    }
    const entries = Object.entries(document).map(([name, value]) => [name, normal(value)]);
    this.#rows.set(document.id, { version: found + 1, document: Object.fromEntries(entries) });
    return found + 1;
  }

  remove(key: string, expected: number | undefined): boolean | string {
    if (expected !== undefined && (expected < 1 || expected !== this.version(key))) return 'version_conflict';
    return this.#rows.delete(key);
  }

  /** Keys of an owner's sessions in order of start, then key. */
  find(of: string, from: number | undefined, reverse: boolean): string[] {
    const found = [...this.#rows.values()]
      .map((row) => row.document)
      .filter((each) => each.owner === of && each.startedAtMs !== undefined)
      .filter((each) => from === undefined || (each.startedAtMs as number) >= from)
      .sort((a, b) => (a.startedAtMs as number) - (b.startedAtMs as number) || (a.id < b.id ? -1 : 1))
      .map((each) => each.id);
    return reverse ? found.reverse() : found;
  }

  all(): unknown[] {
    return [...this.#rows.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, row]) => ({ key, ...row }));
  }
}

async function outcome(work: Promise<number | boolean>): Promise<number | boolean | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DocumentStoreError) return error.code;
    throw error;
  }
}

async function findAll(collection: Collection<Session>, options: FindOptions): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await collection.find({ ...options, after });
    keys.push(...page.items.map((item) => item.key));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return keys;
}

async function runStep(collection: Collection<Session>, model: Model, each: Step): Promise<void> {
  if (each.kind === 'find') {
    const { owner: of, from, reverse, limit } = each;
    const found = await findAll(collection, { index: 'byOwner', equals: [of], from, reverse, limit });
    expect(found).toEqual(model.find(of, from, reverse));
  } else if (each.kind === 'insert') {
    const expected = model.put(each.document, (found) => (found ? 'duplicate_key' : null));
    expect(await outcome(collection.insert(each.document))).toBe(expected);
  } else if (each.kind === 'upsert') {
    const expected = model.put(each.document, () => null);
    expect(await outcome(collection.upsert(each.document))).toBe(expected);
  } else if (each.kind === 'replace') {
    const version = model.version(each.document.id) + each.versionOff;
    const expected = model.put(each.document, (found) =>
      version > 0 && found === version ? null : 'version_conflict',
    );
    expect(await outcome(collection.replace(each.document, version))).toBe(expected);
  } else {
    const version = each.versionOff === null ? undefined : model.version(each.key) + each.versionOff;
    const expected = model.remove(each.key, version);
    expect(await outcome(collection.remove(each.key, version))).toBe(expected);
  }
}

export function modelProperty(factory: StoreFactory, options: SuiteOptions): void {
  const { propertyRuns: numRuns = 40, programLength: maxLength = 40 } = options;
  test('behaves like a map, whatever the program', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength, size: 'max' }), (steps) =>
        withStore(factory, async ({ store }) => {
          const collection = await store.collection(sessions);
          const model = new Model();
          for (const each of steps) await runStep(collection, model, each);
          const { items } = await collection.find({ index: 'key', limit: 100 });
          expect(items).toEqual(model.all());
        }),
      ),
      { numRuns },
    ));
}
