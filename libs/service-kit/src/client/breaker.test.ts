import { createCall, createFakeSend } from '../../test/fake-send.ts';
import { createManualClock } from '../manual-clock.ts';
import { withBreaker } from './breaker.ts';

const setUp = (...outcomes: (string | Error)[]) => {
  const clock = createManualClock();
  const fake = createFakeSend(outcomes);
  const guarded = withBreaker(clock)(fake.send);
  const codeOf = () =>
    guarded(createCall(clock)).then(
      (answer) => answer,
      (error) => error.code,
    );
  return { clock, fake, codeOf };
};

const times = async (count: number, work: () => Promise<unknown>) => {
  for (let index = 0; index < count; index += 1) await work();
};

it('opens after five failures in a row, without asking for a while', async () => {
  const { clock, fake, codeOf } = setUp('unavailable');
  await times(5, codeOf);
  expect(fake.count).toBe(5);
  expect(await codeOf()).toBe('unavailable');
  await clock.advance(249);
  expect(await codeOf()).toBe('unavailable');
  expect(fake.count).toBe(5);
});

it('lets one probe through, and closes when it answers', async () => {
  const failures = Array<string>(5).fill('deadline_exceeded');
  const { clock, fake, codeOf } = setUp(...failures, 'answer');
  await times(5, codeOf);
  await clock.advance(250);
  const probe = codeOf();
  expect(await codeOf()).toBe('unavailable');
  expect(await probe).toBe('answer');
  expect(fake.count).toBe(6);
  expect(await codeOf()).toBe('answer');
});

it('opens again when the probe fails', async () => {
  const { clock, fake, codeOf } = setUp('unavailable');
  await times(5, codeOf);
  await clock.advance(250);
  await codeOf();
  await codeOf();
  expect(fake.count).toBe(6);
});

it('stays open twice as long after each probe that fails, but at most 3 s', async () => {
  const { clock, fake, codeOf } = setUp('unavailable');
  await times(5, codeOf);
  for (const openMs of [250, 500, 1_000, 2_000, 3_000, 3_000]) {
    const asked = fake.count;
    await clock.advance(openMs - 1);
    await codeOf();
    expect([openMs, fake.count - asked]).toEqual([openMs, 0]);
    await clock.advance(1);
    await codeOf();
    expect([openMs, fake.count - asked]).toEqual([openMs, 1]);
  }
});

it('stays closed while some calls are answered', async () => {
  const four = Array<string>(4).fill('unavailable');
  const { fake, codeOf } = setUp(...four, 'answer', ...four, 'note_missing', ...four, 'answer');
  await times(15, codeOf);
  expect(fake.count).toBe(15);
});
