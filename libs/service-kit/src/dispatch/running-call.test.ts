import { getMaxListeners } from 'node:events';
import { silentLog } from '../log.ts';
import { RunningCall } from './running-call.ts';

const setUp = () => {
  const heard: unknown[] = [];
  const call = new RunningCall(
    { operation: 'op', caller: 'operator', requestId: 'request-1' },
    {
      deadlineAtMs: 1,
      log: silentLog,
      listener: { answered: (output) => heard.push(output), failed: (error) => heard.push(error) },
    },
  );
  return { call, heard };
};

it('tells its listener once', () => {
  const { call, heard } = setUp();
  call.answer('first');
  call.fail(new Error('late'));
  call.expire();
  expect(heard).toEqual(['first']);
});

it('aborts a signal that was asked for before, and one that is asked for afterwards', () => {
  const { call, heard } = setUp();
  const { signal } = call;
  expect(signal.aborted).toBe(false);
  call.leave();
  expect(signal.reason).toMatchObject({ code: 'unavailable' });
  const other = setUp();
  other.call.expire();
  other.call.leave();
  expect(other.call.signal.aborted).toBe(true);
  expect(other.call.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
  expect([heard.length, other.heard.length]).toEqual([1, 1]);
});

it('tells that it was aborted without making a signal, and takes as many listeners as a handler has calls', () => {
  const { call } = setUp();
  expect(getMaxListeners(call.signal)).toBe(10_000);
  expect(call.isAborted).toBe(false);
  call.leave();
  expect(call.isAborted).toBe(true);
});
