import type { StackContainer } from './containers.ts';
import { judgeContainer } from './stack-state.ts';

const sound: StackContainer = {
  service: 'session-api',
  name: 'lucid-session-api',
  id: 'abc',
  image: 'sha256:1',
  status: 'running',
  health: 'healthy',
  said: '',
  exitCode: 0,
  restarts: 0,
  outOfMemory: false,
  addresses: ['172.20.0.20'],
  memoryLimitBytes: 256 * 1_048_576,
};
const known = { memory: '31.4MiB', lacks: [], started: ['session-api', 'mongodb'] };

test.each([
  ['sound', {}, {}, 'ok', /^healthy, 31\.4MiB of 256 MiB$/],
  ['without a check', { health: null }, {}, 'ok', /^running, /],
  ['coming', { health: 'starting' }, {}, 'warn', /^starting, /],
  ['sick', { health: 'unhealthy', said: 'no answer\nmore' }, {}, 'fail', /^unhealthy, .*: no answer$/],
  ['started again', { restarts: 3 }, {}, 'warn', /was started again 3 times$/],
  ['ended', { status: 'exited', exitCode: 1 }, {}, 'fail', /^exited, ended with status 1$/],
  [
    'ended by the kernel',
    { status: 'exited', exitCode: 137, outOfMemory: true },
    {},
    'fail',
    /status 137, it had used up its memory$/,
  ],
  ['lacking what runs', {}, { lacks: ['documents'] }, 'fail', /not ready, it lacks: documents$/],
  ['lacking a service that was started', {}, { lacks: ['mongodb'] }, 'fail', /it lacks: mongodb$/],
  ['lacking one of a higher layer', {}, { lacks: ['authentication'] }, 'warn', /it lacks: authentication$/],
  [
    'lacking one and the other',
    {},
    { lacks: ['authentication', 'events'] },
    'fail',
    /authentication, events$/,
  ],
] as const)('a container that is %s', (_what, container, more, status, says) => {
  const check = judgeContainer({ ...sound, ...container }, { ...known, ...more });
  expect(check).toMatchObject({ name: 'session-api', status, text: expect.stringMatching(says) });
  expect(check.advice === undefined).toBe(status === 'ok');
});
