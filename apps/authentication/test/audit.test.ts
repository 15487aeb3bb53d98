import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMemoryDocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { createManualClock } from '@lucid/service-kit/testing';
import fc from 'fast-check';
import { AuditLog } from '../src/domain/audit-log.ts';
import { type AuditRow, openTables } from '../src/store/rows.ts';
import { Chain, createPerson, DAY, HOUR, problemOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start({ environment: { AUTH_REGISTRATION: 'open' } });
});
afterEach(() => world.close());

/** RFC 8785 for what stands in an entry: texts, whole numbers, booleans, objects of them. */
const canonical = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{${Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
        .join(',')}}`
    : JSON.stringify(value);

/** The chain computed a second time. */
function recompute(entries: readonly AuditRow[]): void {
  let previous = '0'.repeat(64);
  for (const [at, { hash, ...entry }] of entries.entries()) {
    expect(entry).toMatchObject({ number: at, previous });
    previous = createHash('sha256')
      .update(`lucid-audit/1\n${canonical(entry)}`)
      .digest('hex');
    expect(hash).toBe(previous);
  }
}

const entriesOf = async () =>
  (await world.api.listAudit({ query: { limit: 1000 } })).entries.reverse() as AuditRow[];

test('each entry names the hash before it, and the hashes can be computed by anybody', async () => {
  const person = createPerson();
  await world.register(person);
  await world.as(await world.login(person)).logout();
  const entries = await entriesOf();
  expect(entries.map(({ event }) => event)).toEqual(['registered', 'signed_in', 'signed_in', 'login_ended']);
  recompute(entries);
  const head = await world.api.getAuditHead();
  expect(head).toMatchObject({ entries: 4, hash: entries[3]?.hash, from: 0 });
  expect(await world.api.verifyAudit()).toMatchObject({ sound: true, head: { entries: 4 } });
  const about = await world.api.listAudit({ query: { about: person.address } });
  expect(about.entries.map(({ event }) => event)).toEqual(['login_ended']);
  expect(await problemOf(world.api.listAudit({ query: { after: 'nonsense' } }))).toBe('invalid_request');
});

const rowsOf = (rows: MemoryDocuments) =>
  rows.get('auth-audit') as unknown as Map<string, { document: AuditRow }>;

test('an entry changed, taken out, or cut off behind an anchored head is found', async () => {
  for (let each = 0; each < 4; each++) await world.register(createPerson());
  await world.clock.advance(HOUR + 60_000);
  expect(world.chain.heads.at(-1)?.entries).toBe(8);
  const rows = rowsOf(world.rows);
  const keys = [...rows.keys()].sort();
  const faultWith = async (change: () => void) => {
    const before = new Map(rows);
    change();
    const { sound, firstFault } = await world.api.verifyAudit();
    rows.clear();
    for (const [key, row] of before) rows.set(key, row);
    return [sound, firstFault];
  };
  const alter = (at: number, change: Partial<AuditRow>) => () => {
    const row = rows.get(keys[at]!)!;
    rows.set(keys[at]!, { ...row, document: { ...row.document, ...change } });
  };
  expect(await faultWith(alter(3, { by: createPerson().address }))).toEqual([false, 3]);
  expect(await faultWith(alter(5, { atMs: 1 }))).toEqual([false, 5]);
  expect(await faultWith(alter(0, { detail: { role: 'SUPER_ADMIN' } }))).toEqual([false, 0]);
  expect(await faultWith(() => void rows.delete(keys[4]!))).toEqual([false, 4]);
  expect(await faultWith(() => void rows.delete(keys[7]!))).toEqual([false, 7]);
  expect(await faultWith(() => {})).toEqual([true, undefined]);
});

test('the head goes into the ledger once an hour, where it changed, once per head', async () => {
  const at = world.clock.nowMs();
  await world.register(createPerson());
  await world.clock.advance(2 * 60_000);
  expect(world.chain.heads).toMatchObject([{ entries: 2 }]);
  await world.register(createPerson());
  await world.clock.advance(50 * 60_000);
  expect(world.chain.heads).toHaveLength(1);
  await world.clock.advance(15 * 60_000);
  expect(world.chain.heads.map(({ entries }) => entries)).toEqual([2, 4]);
  await world.clock.advance(3 * HOUR);
  expect(world.chain.heads).toHaveLength(2);
  const { anchored, hash } = await world.api.getAuditHead();
  expect(anchored).toEqual({ entries: 4, hash, status: 'confirmed', ledgerIndex: 1 });
  expect(world.chain.heads.every((head) => head.at * 1000 >= at)).toBe(true);
});

test('the ledger away: said by /ready, tried again, and the very same head is handed in, also after a restart', async () => {
  world.chain.open = false;
  await world.register(createPerson());
  await world.clock.advance(5 * 60_000);
  const ready = async () => (await world.stack.ready()).authentication?.dependencies.ledger?.status;
  expect(await ready()).toBe('down');
  expect(world.chain.heads).toEqual([]);
  const asked = [...(world.rows.get('auth-audit-anchors')?.values() ?? [])] as unknown as {
    document: { atMs: number };
  }[];
  world = await world.later(HOUR, { AUTH_REGISTRATION: 'open' });
  world.chain.open = true;
  await world.clock.advance(60_000);
  expect(world.chain.heads.map(({ entries, at }) => [entries, at])).toEqual([
    [2, Math.floor((asked[0]?.document.atMs ?? 0) / 1000)],
  ]);
  expect(await ready()).toBe('up');
});

test('retention: what is older than 90 days is gone, the chain holds from there and goes on', async () => {
  for (let each = 0; each < 3; each++) await world.register(createPerson());
  const old = await world.api.getAuditHead();
  world = await world.later(50 * DAY, { AUTH_REGISTRATION: 'open' });
  await world.register(createPerson());
  world = await world.later(41 * DAY, { AUTH_REGISTRATION: 'open' });
  await world.register(createPerson());
  const { sound, head } = await world.api.verifyAudit();
  expect(sound).toBe(true);
  expect(head.from).toBeGreaterThanOrEqual(old.entries);
  const entries = (await world.api.listAudit({ query: { limit: 1000 } })).entries.reverse();
  expect(entries[0]?.number).toBe(head.from);
  expect(entries.at(-1)?.hash).toBe(head.hash);
  expect(rowsOf(world.rows).size).toBe(entries.length);
});

/** The audit log of another instance; `between` runs between the first time that it looks where the log begins and what it does then. */
async function instanceWith(rows: MemoryDocuments, between?: () => Promise<unknown>): Promise<AuditLog> {
  const clock = createManualClock();
  const tables = await openTables(createMemoryDocumentStore(rows, () => clock.nowMs()));
  if (!between) return new AuditLog(tables, clock);
  let asked = false;
  const auditCut = new Proxy(tables.auditCut, {
    get(target, name) {
      if (name !== 'get') return (Reflect.get(target, name) as () => unknown).bind(target);
      return async (key: string) => {
        const found = await target.get(key);
        if (!asked) {
          asked = true;
          await between();
        }
        return found;
      };
    },
  });
  return new AuditLog({ ...tables, auditCut }, clock);
}

test('two instances that remove old entries at once, and one that verifies meanwhile', async () => {
  const rows: MemoryDocuments = new Map();
  const ahead = await instanceWith(rows);
  await Promise.all(Array.from({ length: 1_203 }, () => ahead.add({ event: 'signed_in', by: 'T' })));
  const soon = createManualClock().nowMs() + 1;
  const verifying = await instanceWith(rows, () => ahead.cutOff(soon));
  expect(await verifying.verify(new AbortController().signal)).toEqual({ head: await ahead.head() });
  await Promise.all(Array.from({ length: 1_203 }, () => ahead.add({ event: 'signed_in', by: 'T' })));
  const behind = await instanceWith(rows, () => ahead.cutOff(soon));
  await behind.cutOff(soon);
  expect((await ahead.cut()).entries).toBe(2_405);
  expect(await ahead.verify(new AbortController().signal)).toEqual({ head: await ahead.head() });
});

test('several instances make one chain, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 60 }), async (turns) => {
      const rows: MemoryDocuments = new Map();
      const clock = createManualClock();
      const open = async () => {
        const store = createMemoryDocumentStore(rows, () => clock.nowMs());
        return new AuditLog(await openTables(store), clock);
      };
      const logs = [await open(), await open(), await open()];
      await Promise.all(turns.map((turn, at) => logs[turn]!.add({ event: 'signed_in', by: `T${at}` })));
      const stored = [...rowsOf(rows).values()]
        .map((row) => row.document)
        .sort((a, b) => a.number - b.number);
      recompute(stored);
      expect(stored.map(({ by }) => by).sort()).toEqual(turns.map((_, at) => `T${at}`).sort());
    }),
    { numRuns: 40 },
  );
});

test('two instances hand in one entry per head', async () => {
  const chain = new Chain();
  const rows: MemoryDocuments = new Map();
  const clock = createManualClock();
  const environment = { AUTH_REGISTRATION: 'open' };
  const both = [
    await World.start({ rows, chain, clock, environment }),
    await World.start({ rows, chain, clock, environment }),
  ];
  await both[0]!.register(createPerson());
  await clock.advance(3 * HOUR);
  expect(chain.heads).toHaveLength(1);
  expect(new Set((await both[1]!.api.listAudit({ query: {} })).entries.map(({ hash }) => hash)).size).toBe(2);
  for (const each of both) await each.close();
});
