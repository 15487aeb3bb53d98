import { silentLog } from '../log.ts';
import { createManualClock } from '../manual-clock.ts';
import { type AccessKeySource, createAccessKeys } from './access-keys.ts';

function setUp(change: Partial<AccessKeySource> = {}) {
  const clock = createManualClock();
  let fetches = 0;
  const published = [{ kid: 'k1', x: 'x1' }];
  const source: AccessKeySource = {
    jwks: async () => {
      fetches += 1;
      return { keys: [...published] };
    },
    revocations: ({ after, waits }, signal) =>
      waits
        ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        : Promise.resolve({ revoked: [], next: after }),
    ...change,
  };
  const keys = createAccessKeys({ source, clock, log: silentLog });
  return { clock, keys, published, fetches: () => fetches };
}

it('1,000 unknown keys cause one fetch', async () => {
  const { keys, fetches } = setUp();
  const answers = await Promise.all(Array.from({ length: 500 }, (_, each) => keys.fetch(`unknown-${each}`)));
  for (let each = 0; each < 500; each++) answers.push(await keys.fetch(`later-${each}`));
  expect(answers.every((each) => each === undefined)).toBe(true);
  expect(fetches()).toBe(1);
  expect(keys.get('k1')).toBe('x1');
});

it('a new key is found once the pause is over', async () => {
  const { keys, clock, published, fetches } = setUp();
  await keys.fetch('k1');
  published.push({ kid: 'k2', x: 'x2' });
  expect(await keys.fetch('k2')).toBeUndefined();
  await clock.advance(10_000);
  expect(await keys.fetch('k2')).toBe('x2');
  expect(fetches()).toBe(2);
});

it('keys stay while their source is away; without any it says so', async () => {
  let away = true;
  const { keys, clock } = setUp({
    jwks: async () => {
      if (away) throw new Error('away');
      return { keys: [{ kid: 'k1', x: 'x1' }] };
    },
  });
  await expect(keys.fetch('k1')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(keys.ready()).rejects.toMatchObject({ code: 'unavailable' });
  away = false;
  expect(await keys.fetch('k1')).toBe('x1');
  away = true;
  await clock.advance(60_000);
  await expect(keys.fetch('k2')).rejects.toMatchObject({ code: 'unavailable' });
  expect(keys.get('k1')).toBe('x1');
});

it('revocations are followed from where it is, also after a failure, and forgotten when their tokens are dead', async () => {
  const asked: string[] = [];
  const rows: { id: string; until: number }[] = [];
  let away = false;
  let wake = () => {};
  const { keys, clock } = setUp({
    revocations: async ({ after, waits }, signal) => {
      asked.push(`${waits ? 'wait' : 'now'} ${after}`);
      if (away) throw new Error('away');
      if (waits && rows.length === after)
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      // Two to a page.
      const revoked = rows.slice(after, after + 2);
      return { revoked, next: after + revoked.length };
    },
  });
  const until = Math.floor(clock.nowMs() / 1000) + 900;
  for (const id of ['a', 'b', 'c']) rows.push({ id, until });
  const stop = new AbortController();
  const following = keys.follow(stop.signal);
  await clock.advance(0);
  expect(asked).toEqual(['now 0', 'now 2', 'now 3', 'wait 3']);
  away = true;
  wake();
  await clock.advance(0);
  await expect(keys.ready()).rejects.toMatchObject({ code: 'unavailable' });
  rows.push({ id: 'd', until: until + 9_000 });
  away = false;
  await clock.advance(1_000);
  expect(asked.slice(4)).toEqual(['wait 3', 'now 3', 'wait 4']);
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => keys.isRevoked(id))).toEqual([true, true, true, true, false]);
  await expect(keys.ready()).resolves.toBeUndefined();
  await clock.advance(1_000_000);
  wake();
  await clock.advance(0);
  expect(['a', 'd'].map((id) => keys.isRevoked(id))).toEqual([false, true]);
  stop.abort();
  await following;
});

it('is not ready, and gives no key, before all was heard that is revoked', async () => {
  let away = true;
  const { keys, clock } = setUp({
    revocations: async ({ after, waits }, signal) => {
      if (away) throw new Error('away');
      if (waits) return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      return after === 0
        ? { revoked: [{ id: 'old', until: Math.floor(clock.nowMs() / 1000) + 86_400 }], next: 1 }
        : { revoked: [], next: 1 };
    },
  });
  const stop = new AbortController();
  const following = keys.follow(stop.signal);
  await expect(keys.fetch('k1')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(keys.ready()).rejects.toMatchObject({ code: 'unavailable' });
  expect(keys.get('k1')).toBeUndefined();
  away = false;
  expect(await keys.fetch('k1')).toBe('x1');
  expect([keys.get('k1'), keys.isRevoked('old')]).toEqual(['x1', true]);
  stop.abort();
  await following;
});

it('a source that hangs is waited for 3 s, by all that ask, and then asked anew', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const { keys, clock } = setUp({
    jwks: (signal) => {
      signals.push(signal);
      return signals.length === 1
        ? new Promise(() => {})
        : Promise.resolve({ keys: [{ kid: 'k1', x: 'x1' }] });
    },
  });
  const waiting = [keys.fetch('k1'), keys.fetch('k1')].map((each) => each.catch((error: unknown) => error));
  await clock.advance(2_999);
  expect(signals[0]?.aborted).toBe(false);
  await clock.advance(1);
  for (const each of await Promise.all(waiting))
    expect(each).toMatchObject({ code: 'unavailable', extensions: { retryAfterMs: 1_000 } });
  expect(signals[0]?.aborted).toBe(true);
  expect(await keys.fetch('k1')).toBe('x1');
  expect([signals.length, clock.pendingMs]).toEqual([2, []]);
});
