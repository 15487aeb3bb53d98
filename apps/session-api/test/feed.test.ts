/** Live events and downloads as a browser and curl see them: over TCP, with headers. */
import { sessionApiContract } from '@lucid/contracts';
import { bytesOf, createWorld, type Person, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ transport: 'tcp' });
});
afterAll(() => world?.close());

const urlOf = (path: string) => {
  return `${world.stack.targetOf(sessionApiContract.service)?.origin}${sessionApiContract.basePath}${path}`;
};
const get = (who: Person, path: string, headers: Record<string, string> = {}) =>
  fetch(urlOf(path), { headers: { authorization: `Bearer ${who.token}`, ...headers } });

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Events as they come, until `enough`. */
async function follow(answer: Response, enough: (told: readonly Told[]) => boolean): Promise<Told[]> {
  const told: Told[] = [];
  let text = '';
  if (!answer.body) throw new Error('no body');
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data) told.push({ id: field('id') ?? '', event: field('event') ?? '', data: JSON.parse(data) });
    }
    if (enough(told)) break;
  }
  return told;
}

test('a session is followed live from its making to its end; Last-Event-ID goes on behind', async () => {
  const [host, user, observer] = [world.person(), world.person(), world.person()];
  const sessionId = await world.agreed(host, user, { observers: [observer.address] });
  const params = { sessionId };
  const path = `/sessions/${sessionId}/events`;
  const answer = await get(observer, path);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const seen = (event: string) => (told: readonly Told[]) => told.some((each) => each.event === event);
  const following = follow(answer, seen('end'));
  await host.api.startSession({ params });
  await world.capture(sessionId, new Uint8Array(150_000).fill(3));
  const action = { kind: 'device', device: 'camera' };
  await host.api.checkPolicy({ params, body: { action, attempted: 'done' } });
  const done = await world.settled(sessionId);
  const told = await following;

  const records = told.filter(({ event }) => event === 'record').map(({ data }) => data.index);
  expect(records).toEqual(Array.from({ length: done.records as number }, (_, at) => at));
  expect(
    told.filter(({ event }) => event === 'policy').map(({ data }) => (data.detail as { type: string }).type),
  ).toEqual(['decision', 'ended']);
  expect(told.filter(({ event }) => event === 'state').at(-1)?.data).toMatchObject({
    state: 'completed',
    reason: 'policy: toggle_off (camera)'.replace('camera', 'device'),
  });

  const middle = told[Math.floor(told.length / 2)] as Told;
  const again = await follow(await get(host, path, { 'last-event-id': middle.id }), seen('end'));
  const rest = told.slice(told.indexOf(middle) + 1);
  const indices = (some: readonly Told[]) =>
    some.filter(({ event }) => event === 'record').map(({ data }) => data.index);
  expect(indices(again)).toEqual(indices(rest));
  const byQuery = await follow(await get(host, `${path}?lastEventId=${middle.id}`), seen('end'));
  expect(byQuery.map(({ id }) => id)).toEqual(again.map(({ id }) => id));
  expect((await get(host, path, { 'last-event-id': 'nonsense' })).status).toBe(400);
});

test('a bundle is downloaded with its name and size, and from an offset on', async () => {
  const who = world.person();
  const { sessionId } = await world.newSession(who);
  const params = { sessionId };
  await who.api.startSession({ params });
  await world.capture(
    sessionId,
    new Uint8Array(300_000).map((_, at) => at * 31),
  );
  await who.api.stopSession({ params, query: { waitMs: 20_000 }, body: {} });
  await world.settled(sessionId);
  const answer = await get(who, `/sessions/${sessionId}/bundle`);
  const file = Buffer.from(await answer.arrayBuffer());
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${sessionId}.lucid"`);
  expect(Number(answer.headers.get('content-length'))).toBe(file.length);
  const offset = file.length - 1_000;
  const rest = await bytesOf(await who.api.downloadBundle({ params, query: { offset } }));
  expect(Buffer.from(rest).equals(file.subarray(offset))).toBe(true);
  const beyond = await bytesOf(await who.api.downloadBundle({ params, query: { offset: file.length + 5 } }));
  expect(beyond).toHaveLength(0);
});

test('a stop of the service does not wait for who follows', async () => {
  const own = await createWorld({ transport: 'tcp' });
  const who = own.person();
  const { sessionId } = await own.newSession(who);
  const origin = own.stack.targetOf('session-api')?.origin;
  const answer = await fetch(`${origin}/api/v1/sessions/${sessionId}/events`, {
    headers: { authorization: `Bearer ${who.token}` },
  });
  const following = new Promise<{ told: Promise<Told[]> }>((resolve) => {
    const told: Promise<Told[]> = follow(answer, (some) => {
      if (some.length > 0) resolve({ told });
      return false;
    });
  });
  const { told } = await following;
  await own.close();
  expect((await told).map(({ data }) => data)).toEqual([{ state: 'created' }]);
});
