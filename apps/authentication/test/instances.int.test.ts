/** Two instances over one real store, and one that dies in the middle of sign-ins. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startMongoWire, type TestServer, whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { buildProgram, type Instance, type Program } from './instance-process.ts';
import { type Api, createPerson, type Person, problemOf } from './world.ts';

const signed = async (api: Api, person: Person) => {
  const { message } = await api.createChallenge({ body: { address: person.address } });
  return { message, signature: person.sign(message) };
};
const login = async (api: Api, person: Person) => api.login({ body: await signed(api, person) });

function behaviour(open: () => Promise<Program>) {
  let program: Program;
  beforeAll(async () => {
    program = await open();
  }, 180_000);
  afterAll(() => program.close());
  let running: Instance[] = [];
  afterEach(async () => {
    for (const each of running.splice(0)) await each.kill();
    running = [];
  });
  const start = async () => {
    const instance = await program.start();
    running.push(instance);
    return instance;
  };

  test('a challenge is taken once, whichever instance it comes to at the same moment', async () => {
    const [one, two] = [await start(), await start()];
    const person = createPerson();
    await one.api.register({ body: await signed(one.api, person) });
    for (let round = 0; round < 10; round++) {
      const body = await signed(round % 2 ? one.api : two.api, person);
      const outcomes = await Promise.all(
        [one, two, one, two].map(({ api }) => problemOf(api.login({ body }))),
      );
      expect(outcomes.filter((each) => each === 'none')).toHaveLength(1);
      expect(outcomes.filter((each) => each === 'login_refused')).toHaveLength(3);
    }
  });

  test('a refresh token is worth one successor, whichever instance it comes to', async () => {
    const [one, two] = [await start(), await start()];
    const person = createPerson();
    const first = await one.api.register({ body: await signed(one.api, person) });
    let { refreshToken } = first;
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        [one, two, two, one].map(({ api }) => api.refreshLogin({ body: { refreshToken } })),
      );
      expect(new Set(answers.map((each) => each.refreshToken)).size).toBe(1);
      refreshToken = answers[0]!.refreshToken;
    }
  });

  test('both sign with one key, make one audit chain, and keep the cap between them', async () => {
    const [one, two] = [await start(), await start()];
    expect((await two.api.getJwks()).keys).toEqual((await one.api.getJwks()).keys);
    const people = Array.from({ length: 12 }, () => createPerson());
    await Promise.all(
      people.map(async (person, at) => {
        const { api } = at % 2 ? one : two;
        await api.register({ body: await signed(api, person) });
      }),
    );
    const [person] = people;
    const answers = [];
    for (let each = 0; each < 8; each++) answers.push(await login(each % 2 ? one.api : two.api, person!));
    answers.push(
      ...(await Promise.all([1, 2].flatMap(() => [login(one.api, person!), login(two.api, person!)]))),
    );
    const alive = answers.map(({ refreshToken }) =>
      problemOf(one.api.refreshLogin({ body: { refreshToken } })),
    );
    expect((await Promise.all(alive)).filter((each) => each === 'none')).toHaveLength(5);
    expect(await one.api.verifyAudit()).toMatchObject({ sound: true });
    expect((await two.api.getAuditHead()).hash).toBe((await one.api.getAuditHead()).hash);
  });

  test('killed in the middle of sign-ins: what was answered holds, no challenge is good again, the chain is whole', async () => {
    const people = Array.from({ length: 6 }, () => createPerson());
    let instance = await start();
    for (const person of people) await instance.api.register({ body: await signed(instance.api, person) });
    for (let round = 0; round < 4; round++) {
      const { api } = instance;
      const answered: { body: { message: string; signature: string }; refreshToken: string }[] = [];
      let enough = () => {};
      const some = new Promise<void>((resolve) => {
        enough = resolve;
      });
      const signingIn = people.map(async (person) => {
        for (let each = 0; each < 4; each++) {
          const body = await signed(api, person);
          const { refreshToken } = await api.login({ body });
          answered.push({ body, refreshToken });
          if (answered.length === 3 + round) enough();
        }
      });
      await some;
      await instance.kill();
      await Promise.allSettled(signingIn);
      instance = await start();
      for (const { body } of answered)
        expect(await problemOf(instance.api.login({ body }))).toBe('login_refused');
      const alive = await Promise.all(
        answered.map(({ refreshToken }) => problemOf(instance.api.refreshLogin({ body: { refreshToken } }))),
      );
      // At most five logins a user: those that were pushed out are refused, nothing else happens.
      expect(alive.filter((each) => each === 'none').length).toBeGreaterThan(0);
      expect(new Set([...alive, 'none', 'refresh_refused'])).toEqual(new Set(['none', 'refresh_refused']));
      expect(await instance.api.verifyAudit()).toMatchObject({ sound: true });
      expect(await problemOf(login(instance.api, createPerson()))).toBe('login_refused');
    }
  });
}

describe('over LMDB in a folder', () => {
  behaviour(async () => buildProgram());
});

const why = whyNoMongoWire();
if (why && process.env.CI) throw new Error(`CI must have a MongoDB wire server: ${why}`);
if (why) console.warn(`skipped: over MongoDB: ${why}`);

(why ? describe.skip : describe)('over MongoDB', () => {
  let server: TestServer;
  behaviour(async () => {
    server = await startMongoWire();
    return buildProgram(server.url);
  });
  afterAll(() => server.stop());
});
