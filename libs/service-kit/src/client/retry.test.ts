import { createCall, createFakeSend } from '../../test/fake-send.ts';
import { createManualClock } from '../manual-clock.ts';
import { ProblemError } from '../problem.ts';
import { withRetry } from './retry.ts';

const setUp = (...outcomes: (string | Error)[]) => {
  const clock = createManualClock();
  const fake = createFakeSend(outcomes);
  const send = withRetry({ clock, random: () => 0.5 })(fake.send);
  return { clock, fake, send };
};

it.each(['unavailable', 'too_many_requests'])('repeats an idempotent operation that is %s', async (code) => {
  const { clock, fake, send } = setUp(code, code, 'answer');
  const work = send(createCall(clock));
  await clock.advance(24);
  expect(fake.count).toBe(1);
  await clock.advance(1);
  expect(fake.count).toBe(2);
  await clock.advance(49);
  expect(fake.count).toBe(2);
  await clock.advance(1);
  expect(await work).toBe('answer');
});

it('gives up after four tries', async () => {
  const { clock, fake, send } = setUp('unavailable', 'unavailable', 'unavailable', 'unavailable', 'answer');
  const work = expect(send(createCall(clock))).rejects.toMatchObject({ code: 'unavailable' });
  await clock.advance(10_000);
  await work;
  expect(fake.count).toBe(4);
});

it.each(['internal', 'invalid_request', 'deadline_exceeded', 'note_exists'])(
  'does not repeat after %s',
  async (code) => {
    const { clock, fake, send } = setUp(code, 'answer');
    await expect(send(createCall(clock))).rejects.toMatchObject({ code });
    expect(fake.count).toBe(1);
  },
);

it('does not repeat what is not idempotent', async () => {
  const { clock, fake, send } = setUp('unavailable', 'answer');
  await expect(send(createCall(clock, { idempotent: false }))).rejects.toMatchObject({ code: 'unavailable' });
  expect(fake.count).toBe(1);
});

it('does not begin a pause that outlasts the deadline', async () => {
  const { clock, fake, send } = setUp('unavailable', 'answer');
  await expect(send(createCall(clock, { deadlineMs: 20 }))).rejects.toMatchObject({ code: 'unavailable' });
  expect(fake.count).toBe(1);
});

it('waits as long as the server asks, unless that is too long', async () => {
  const wait = (retryAfterMs: number) =>
    new ProblemError('too_many_requests', { extensions: { retryAfterMs } });
  const { clock, fake, send } = setUp(wait(300), wait(60_000), 'answer');
  const work = expect(send(createCall(clock))).rejects.toMatchObject({ code: 'too_many_requests' });
  await clock.advance(299);
  expect(fake.count).toBe(1);
  await clock.advance(1);
  expect(fake.count).toBe(2);
  await work;
});

it('stops pausing when the caller gives up', async () => {
  const { clock, fake, send } = setUp('unavailable', 'answer');
  const leaving = new AbortController();
  const work = expect(send(createCall(clock, { signal: leaving.signal }))).rejects.toThrow('enough');
  await clock.advance(1);
  leaving.abort(new Error('enough'));
  await work;
  expect(fake.count).toBe(1);
  expect(clock.pendingMs).toEqual([]);
});
