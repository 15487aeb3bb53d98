import { setTimeout as wait } from 'node:timers/promises';
import { describeEvents, Recorder } from '@lucid/events/conformance';
import { startRedis, whyNoRedis } from '../../../tools/test-servers.mjs';
import { createRedisEvents } from '../src/index.ts';

type Server = Awaited<ReturnType<typeof startRedis>>;
const why = whyNoRedis();
const unavailable = { code: 'events_unavailable' };

if (why && process.env.CI) throw new Error(`Redis is needed here: ${why}`);
if (why) {
  test.skip(`Redis event bus and cache (skipped: ${why})`, () => undefined);
} else {
  let server: Server;
  let prefixes = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describeEvents('Redis', {
    async open() {
      prefixes += 1;
      const options = { url: server.url, prefix: `test${prefixes}:` };
      return {
        events: createRedisEvents(options),
        openAgain: async () => createRedisEvents(options),
        // Lifetimes run by the server's own clock.
        elapse: (ms) => wait(ms),
      };
    },
  });

  test('a server that goes away and comes back: calls are refused, then subscribers are told and events flow', async () => {
    const first = await startRedis();
    const events = createRedisEvents({ url: first.url, timeoutMs: 300 });
    const recorder = new Recorder();
    await events.bus.subscribe('t', recorder);
    await events.bus.publish('t', 'before');
    await recorder.reached(1);
    await first.stop();
    await expect(events.bus.publish('t', 'lost')).rejects.toMatchObject(unavailable);
    await expect(events.cache.set('k', 'v', 1000)).rejects.toMatchObject(unavailable);
    expect(await events.check()).toMatchObject({ ok: false, why: 'Redis did not answer' });
    const second = await startRedis({ port: first.port });
    await recorder.reached(2);
    const publisher = createRedisEvents({ url: second.url });
    await publisher.bus.publish('t', 'after');
    await recorder.reached(3);
    expect(recorder.seen).toEqual(['before', 'gap', 'after']);
    await publisher.close();
    await events.close();
    await second.stop();
  });

  test('a subscription made before the server is there begins with a gap when it is', async () => {
    const first = await startRedis();
    await first.stop();
    const events = createRedisEvents({ url: first.url, timeoutMs: 300 });
    const recorder = new Recorder();
    await events.bus.subscribe('t', recorder);
    expect((await events.check()).ok).toBe(false);
    const second = await startRedis({ port: first.port });
    await recorder.reached(1);
    expect(recorder.seen).toEqual(['gap']);
    await events.close();
    await second.stop();
  });

  test('closing while the server is away ends at once', async () => {
    const gone = await startRedis();
    const events = createRedisEvents({ url: gone.url, timeoutMs: 300 });
    await events.cache.set('k', 'v', 1000);
    await gone.stop();
    await events.close();
    await expect(events.cache.get('k')).rejects.toMatchObject(unavailable);
  });
}
