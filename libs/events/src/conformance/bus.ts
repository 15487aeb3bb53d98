import { expect, test } from '@jest/globals';
import { type EventsFactory, withEvents } from './harness.ts';
import { Recorder } from './recorder.ts';

export function busSuite(factory: EventsFactory): void {
  test('every subscriber of a topic gets every event in order, other topics nothing', () =>
    withEvents(factory, async ({ events, openAgain }) => {
      const other = await openAgain();
      const [one, two, elsewhere] = [new Recorder(), new Recorder(), new Recorder()];
      await events.bus.subscribe('session.state', one);
      await other.bus.subscribe('session.state', two);
      await other.bus.subscribe('session', elsewhere);
      const payloads = [{ id: 's1', at: [1, 2.5, null] }, 'text é \u{1F600}', 0, false, null];
      for (const payload of payloads) await events.bus.publish('session.state', payload);
      await Promise.all([one.reached(5), two.reached(5)]);
      expect(one.seen).toEqual(payloads);
      expect(two.seen).toEqual(payloads);
      expect(elsewhere.seen).toEqual([]);
      await other.close();
    }));

  test('a subscriber that is closed gets nothing more, the others do', () =>
    withEvents(factory, async ({ events }) => {
      const [one, two] = [new Recorder(), new Recorder()];
      const first = await events.bus.subscribe('t', one);
      await events.bus.subscribe('t', two);
      await first.close();
      await first.close();
      await events.bus.publish('t', 1);
      await two.reached(1);
      expect(one.seen).toEqual([]);
      const again = new Recorder();
      await events.bus.subscribe('t', again);
      await events.bus.publish('t', 2);
      await Promise.all([two.reached(2), again.reached(1)]);
      expect([two.seen, again.seen]).toEqual([[1, 2], [2]]);
    }));

  test('a slow subscriber keeps the newest events of a bounded queue and is told of the gap first', () =>
    withEvents(factory, async ({ events }) => {
      const seen: unknown[] = [];
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const all = new Recorder();
      let done = () => {};
      const complete = new Promise<void>((resolve) => {
        done = resolve;
      });
      await events.bus.subscribe('t', {
        maxQueued: 2,
        onError: () => {},
        onGap: () => void seen.push('gap'),
        async onEvent(payload) {
          if (payload === 0) await held;
          seen.push(payload);
          if (payload === 9) done();
        },
      });
      await events.bus.subscribe('t', all);
      for (let turn = 0; turn < 10; turn += 1) await events.bus.publish('t', turn);
      await all.reached(10);
      release();
      await complete;
      expect(seen).toEqual([0, 'gap', 8, 9]);
    }));

  test('a handler that throws is reported and gets the next event', () =>
    withEvents(factory, async ({ events }) => {
      const errors: unknown[] = [];
      const seen: unknown[] = [];
      const failure = new Error('handler');
      const recorder = new Recorder();
      await events.bus.subscribe('t', {
        onGap: () => {},
        onError: (error) => errors.push(error),
        onEvent(payload) {
          seen.push(payload);
          if (payload === 1) throw failure;
        },
      });
      await events.bus.subscribe('t', recorder);
      await events.bus.publish('t', 1);
      await events.bus.publish('t', 2);
      await recorder.reached(2);
      expect(errors).toEqual([failure]);
      expect(seen).toEqual([1, 2]);
    }));

  test.each<[string, string, unknown]>([
    ['a topic of the wrong form', 'Session State', 1],
    ['an empty topic', '', 1],
    ['nothing', 't', undefined],
    ['a big integer', 't', 1n],
    ['too much', 't', 'x'.repeat(64 * 1024)],
  ])('refuses %s', (_what, topic, payload) =>
    withEvents(factory, async ({ events }) => {
      await expect(events.bus.publish(topic, payload)).rejects.toMatchObject({ code: 'invalid_event' });
    }),
  );

  test('a closed bus refuses, and says so in check', () =>
    withEvents(factory, async ({ events }) => {
      expect(await events.check()).toEqual({ ok: true, latencyMs: expect.any(Number) });
      await events.close();
      await events.close();
      const unavailable = { code: 'events_unavailable' };
      await expect(events.bus.publish('t', 1)).rejects.toMatchObject(unavailable);
      await expect(events.bus.subscribe('t', new Recorder())).rejects.toMatchObject(unavailable);
      await expect(events.cache.get('k')).rejects.toMatchObject(unavailable);
      expect(await events.check()).toMatchObject({ ok: false, why: expect.any(String) });
    }));
}
