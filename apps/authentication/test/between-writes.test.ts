/** Where a store writes a batch one by one, others come between two of its writes. */
import { expect, test } from '@jest/globals';
import { createMemoryDocumentStore, type DocumentStore } from '@lucid/document-store';
import { createManualClock } from '@lucid/service-kit/testing';
import { problemOf, World } from './world.ts';

/** `between` runs before the write that puts a login in. */
function oneByOne(store: DocumentStore, between: () => Promise<unknown>): DocumentStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'atomicBatch') return false;
      if (name !== 'batch') {
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (operations: Parameters<DocumentStore['batch']>[0]) => {
        const versions: number[] = [];
        for (const operation of operations) {
          if (operation.collection === 'auth-logins' && operation.kind === 'insert') await between();
          versions.push(...(await target.batch([operation])));
        }
        return versions;
      };
    },
  });
}

async function start() {
  const clock = createManualClock();
  const state: { between: () => Promise<unknown> } = { between: async () => {} };
  const once = async () => {
    const { between } = state;
    state.between = async () => {};
    await between();
  };
  const memory = createMemoryDocumentStore(new Map(), () => clock.nowMs());
  const documents = oneByOne(memory, once);
  const world = await World.start({ clock, documents });
  return { world, state };
}

test('a suspension between them: the sign-in is refused, and nothing is left of it', async () => {
  const { world, state } = await start();
  const admin = await world.admin();
  const { person } = await world.user(admin.api);
  const params = { address: person.address };
  state.between = () => admin.api.putUserStatus({ params, body: { status: 'suspended' } });
  expect(await problemOf(world.login(person))).toBe('login_refused');
  await admin.api.putUserStatus({ params, body: { status: 'active' } });
  const { logins } = await world.as(await world.login(person)).listLogins();
  expect(logins).toHaveLength(1);
  await world.close();
});

test('another sign-in between them: the cap holds', async () => {
  const { world, state } = await start();
  const admin = await world.admin();
  const { person } = await world.user(admin.api);
  for (let each = 0; each < 3; each++) await world.login(person);
  await world.clock.advance(1_000);
  state.between = () => world.login(person);
  const last = await world.login(person);
  await world.clock.advance(1_000);
  const { logins } = await world.as(last).listLogins();
  expect(logins.length).toBeLessThanOrEqual(5);
  await world.close();
});
