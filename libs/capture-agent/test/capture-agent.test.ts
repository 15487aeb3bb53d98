import fc from 'fast-check';
import { CaptureAgent, type CaptureAgentOptions, CaptureLostError } from '../src/index.ts';
import { FakeRecorder, Fault } from './fake-recorder.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function agentOf(recorder: FakeRecorder, options: Partial<CaptureAgentOptions> = {}) {
  const pressure: boolean[] = [];
  const lost: CaptureLostError[] = [];
  const agent = new CaptureAgent(
    {
      sessionId: 'ab',
      track: 0,
      onPressure: (paused) => pressure.push(paused),
      onLost: (error) => lost.push(error),
      ...options,
    },
    {
      recorder,
      nowMs: () => Date.now(),
      delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      isPassing: (error) => error instanceof Fault && error.passing,
      expectedOffset: (error) => (error instanceof Fault ? error.expected : null),
    },
  );
  return { agent, pressure, lost };
}

/** Lets time pass until the agent is done. */
async function finish(agent: CaptureAgent): Promise<unknown> {
  let outcome: unknown;
  const done = agent.finish().then(
    () => {
      outcome = 'finished';
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  for (let turn = 0; turn < 300 && outcome === undefined; turn++) await jest.advanceTimersByTimeAsync(500);
  expect(outcome).toBeDefined();
  await done;
  return outcome;
}

const text = (size: number, fill = 'x') => Buffer.alloc(size, fill);

test('small pieces wait for each other and go as one, with the times of the first and the last', async () => {
  const recorder = new FakeRecorder();
  const { agent } = agentOf(recorder);
  agent.push(Buffer.from('one '), 100);
  await jest.advanceTimersByTimeAsync(150);
  agent.push(Buffer.from('two '), 250);
  agent.push(new Uint8Array(0), 999);
  expect(recorder.puts).toEqual([]);
  await jest.advanceTimersByTimeAsync(60);
  expect(recorder.puts).toEqual([{ offset: 0, size: 8, fromUs: 100, untilUs: 250 }]);
  expect(await finish(agent)).toBe('finished');
  expect(recorder.content.toString()).toBe('one two ');
});

test('a lot goes at once, in slices of 1 MiB', async () => {
  const recorder = new FakeRecorder();
  const { agent } = agentOf(recorder);
  agent.push(text(2_500_000), 1);
  await jest.advanceTimersByTimeAsync(0);
  expect(recorder.puts.map(({ size }) => size)).toEqual([1_048_576, 1_048_576, 402_848]);
});

test('nothing pushed, nothing to do', async () => {
  const recorder = new FakeRecorder();
  expect(await finish(agentOf(recorder).agent)).toBe('finished');
  expect([recorder.puts, recorder.flushes]).toEqual([[], 0]);
});

test('finishing makes durable what was only accepted', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  const { agent } = agentOf(recorder);
  agent.push(Buffer.from('abc'), 1);
  expect(await finish(agent)).toBe('finished');
  expect([recorder.content.toString(), recorder.flushes]).toEqual(['abc', 1]);
});

test.each([
  ['a refusal', ['refuse', 'refuse', 'refuse']],
  ['a lost answer', ['lose_answer']],
  ['lost answers and refusals', ['lose_answer', 'refuse', 'lose_answer', null, 'refuse']],
] as const)('%s: the bytes arrive once', async (_what, disturbances) => {
  const recorder = new FakeRecorder();
  recorder.disturbances.push(...disturbances);
  const { agent, lost } = agentOf(recorder);
  agent.push(text(1_500_000, 'a'), 1);
  agent.push(Buffer.from('end'), 2);
  expect(await finish(agent)).toBe('finished');
  expect(recorder.content.equals(Buffer.concat([text(1_500_000, 'a'), Buffer.from('end')]))).toBe(true);
  expect(lost).toEqual([]);
});

test('a recorder that was started anew gets what it lost again', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  const { agent } = agentOf(recorder);
  agent.push(Buffer.from('durable '), 1);
  await jest.advanceTimersByTimeAsync(300);
  recorder.makeDurable();
  agent.push(Buffer.from('lost '), 2);
  await jest.advanceTimersByTimeAsync(300);
  recorder.restart();
  agent.push(Buffer.from('later'), 3);
  expect(await finish(agent)).toBe('finished');
  expect(recorder.content.toString()).toBe('durable lost later');
});

test('what is lost between the last bytes and the flush is sent again', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  recorder.disturbances.push(null, 'restart');
  const { agent } = agentOf(recorder);
  agent.push(Buffer.from('abc'), 1);
  expect(await finish(agent)).toBe('finished');
  expect(recorder.content.toString()).toBe('abc');
});

test('a recorder that asks for bytes which are gone for good ends the session', async () => {
  const recorder = new FakeRecorder();
  const { agent, lost } = agentOf(recorder);
  agent.push(Buffer.from('abc'), 1);
  await jest.advanceTimersByTimeAsync(300);
  recorder.makeDurable(1);
  recorder.restart();
  agent.push(Buffer.from('def'), 2);
  expect(await finish(agent)).toBeInstanceOf(CaptureLostError);
  expect(lost).toHaveLength(1);
});

test('a recorder that stays away is asked for as long as the patience lasts', async () => {
  const recorder = new FakeRecorder();
  recorder.putBytes = async () => {
    throw new Fault('away', { passing: true });
  };
  const { agent, lost } = agentOf(recorder, { patienceMs: 5_000 });
  agent.push(Buffer.from('abc'), 1);
  await jest.advanceTimersByTimeAsync(4_000);
  expect(lost).toEqual([]);
  await jest.advanceTimersByTimeAsync(3_000);
  expect(lost).toHaveLength(1);
  expect(lost[0]?.cause).toBeInstanceOf(Fault);
  await expect(agent.finish()).rejects.toBe(lost[0]);
});

test('a lost session is told once, and ends everything', async () => {
  const recorder = new FakeRecorder();
  recorder.disturbances.push('lose_session');
  const { agent, lost } = agentOf(recorder);
  agent.start();
  agent.push(Buffer.from('abc'), 1);
  await jest.advanceTimersByTimeAsync(300);
  agent.push(Buffer.from('def'), 2);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(lost).toHaveLength(1);
  expect([recorder.puts, recorder.beats]).toEqual([[], 0]);
  await expect(agent.finish()).rejects.toThrow(CaptureLostError);
  expect(jest.getTimerCount()).toBe(0);
});

test('the source is paused above the window, and goes on below half of it once bytes are durable', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  const { agent, pressure } = agentOf(recorder, { windowBytes: 1_000 });
  agent.push(text(600), 1);
  agent.push(text(400), 2);
  expect(pressure).toEqual([]);
  agent.push(text(1), 3);
  expect(pressure).toEqual([true]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(recorder.content.length).toBe(1_001);
  expect(pressure).toEqual([true]);
  recorder.makeDurable(600);
  await jest.advanceTimersByTimeAsync(100);
  expect(pressure).toEqual([true, false]);
  recorder.makeDurable();
  expect(await finish(agent)).toBe('finished');
  expect(jest.getTimerCount()).toBe(0);
});

test('a source that waits for room that never comes hears why', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  recorder.full = true;
  const { agent, pressure, lost } = agentOf(recorder, { windowBytes: 10 });
  agent.push(text(20), 1);
  await jest.advanceTimersByTimeAsync(1_900);
  expect([recorder.flushes, lost]).toEqual([0, []]);
  await jest.advanceTimersByTimeAsync(300);
  expect(lost.map(({ message }) => message)).toEqual([expect.stringContaining('store_full')]);
  expect(pressure).toEqual([true, false]);
  expect(jest.getTimerCount()).toBe(0);
});

test('a session that is lost under pressure lets the source go on, so that it can end', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  const { agent, pressure, lost } = agentOf(recorder, { windowBytes: 10 });
  agent.push(text(20), 1);
  recorder.disturbances.push('lose_session');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(lost).toHaveLength(1);
  expect(pressure).toEqual([true, false]);
});

test('the heartbeat tells that the agent lives, learns what is durable, and notices a lost session', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  const { agent, lost } = agentOf(recorder);
  agent.start();
  agent.push(Buffer.from('abc'), 1);
  await jest.advanceTimersByTimeAsync(6_100);
  expect(recorder.beats).toBe(3);
  recorder.disturbances.push('refuse');
  await jest.advanceTimersByTimeAsync(2_000);
  expect(lost).toEqual([]);
  recorder.disturbances.push('lose_session');
  await jest.advanceTimersByTimeAsync(2_000);
  expect(lost).toHaveLength(1);
});

test('a recorder that does not answer, and one that hangs, is told once, and when it is back', async () => {
  const recorder = new FakeRecorder();
  const told: boolean[] = [];
  const { agent } = agentOf(recorder, { onReachable: (reachable) => told.push(reachable) });
  agent.start();
  agent.push(Buffer.from('abc'), 7);
  recorder.disturbances.push('refuse', 'refuse', 'refuse', 'refuse');
  await jest.advanceTimersByTimeAsync(500);
  expect(told).toEqual([false]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([false, true]);
  expect(agent.durableUntilUs).toBe(7);
  const { heartbeat } = recorder;
  let answer: () => void = () => {};
  const hanging = new Promise<void>((resolve) => {
    answer = resolve;
  });
  recorder.heartbeat = async () => {
    await hanging;
    return heartbeat.call(recorder);
  };
  await jest.advanceTimersByTimeAsync(4_500);
  expect(told).toEqual([false, true, false]);
  answer();
  await jest.advanceTimersByTimeAsync(500);
  expect(told).toEqual([false, true, false, true]);
  recorder.disturbances.push('refuse');
  await jest.advanceTimersByTimeAsync(4_000);
  expect(told.slice(4)).toEqual([false, true]);
  agent.stop();
});

test('bytes that wait for room in the store: the agent goes on telling that it lives, and raises no alarm', async () => {
  const recorder = new FakeRecorder();
  const told: boolean[] = [];
  const { agent, lost } = agentOf(recorder, { onReachable: (reachable) => told.push(reachable) });
  agent.start();
  const { putBytes } = recorder;
  recorder.putBytes = async (put) => {
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    return putBytes.call(recorder, put);
  };
  agent.push(Buffer.from('abc'), 7);
  await jest.advanceTimersByTimeAsync(15_000);
  expect(recorder.beats).toBe(7);
  expect([told, lost]).toEqual([[], []]);
  agent.stop();
});

test('a heartbeat that fails after the end is nobody’s matter', async () => {
  const recorder = new FakeRecorder();
  const { agent, lost } = agentOf(recorder);
  agent.start();
  let refuse: (error: Error) => void = () => {};
  recorder.heartbeat = () =>
    new Promise((_resolve, reject) => {
      refuse = reject;
    });
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await finish(agent)).toBe('finished');
  refuse(new Fault('session_lost'));
  await jest.advanceTimersByTimeAsync(0);
  expect(lost).toEqual([]);
});

test('a heartbeat that overlaps with sending takes nothing back', async () => {
  const recorder = new FakeRecorder();
  recorder.durableAtOnce = false;
  let answer: () => void = () => {};
  recorder.heartbeat = () =>
    new Promise((resolve) => {
      answer = () => resolve({ tracks: [{ track: 0, acceptedBytes: 0, durableBytes: 0 }] });
    });
  const { agent } = agentOf(recorder);
  agent.start();
  await jest.advanceTimersByTimeAsync(2_000);
  agent.push(Buffer.from('abc'), 1);
  await jest.advanceTimersByTimeAsync(300);
  answer();
  await jest.advanceTimersByTimeAsync(0);
  agent.push(Buffer.from('def'), 2);
  expect(await finish(agent)).toBe('finished');
  expect(recorder.content.toString()).toBe('abcdef');
  expect(recorder.puts.map(({ offset }) => offset)).toEqual([0, 3]);
});

test('whatever goes wrong in passing, the recorder ends with exactly the bytes captured', async () => {
  const disturbance = fc.constantFrom('refuse', 'lose_answer', 'restart', null, null);
  const property = fc.asyncProperty(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 15 }),
    fc.array(disturbance, { maxLength: 15 }),
    fc.boolean(),
    fc.nat(5),
    async (pieces, disturbances, durableAtOnce, every) => {
      const recorder = new FakeRecorder();
      recorder.durableAtOnce = durableAtOnce;
      recorder.disturbances.push(...disturbances);
      const { agent } = agentOf(recorder, { windowBytes: 40 });
      agent.start();
      for (const [at, piece] of pieces.entries()) {
        agent.push(piece, at);
        if (at % (every + 1) === every) await jest.advanceTimersByTimeAsync(220 * every);
      }
      expect(await finish(agent)).toBe('finished');
      expect(recorder.content.equals(Buffer.concat(pieces))).toBe(true);
      for (const { fromUs, untilUs } of recorder.puts) expect(untilUs).toBeGreaterThanOrEqual(fromUs);
      expect(jest.getTimerCount()).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 150 });
}, 60_000);
