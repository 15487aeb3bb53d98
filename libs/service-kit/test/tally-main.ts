/** A service with commands, as a program of its own: it counts in memory, so that one sees whether a command reached the one that runs. */
import process from 'node:process';
import { defineContract } from '@lucid/contracts';
import { Type } from 'typebox';
import {
  commandsOf,
  defineService,
  problemsOf,
  runServiceOrCommand,
  secret,
  UsageError,
} from '../src/index.ts';

const Total = Type.Object({ total: Type.Integer() });

const tallyContract = defineContract({
  service: 'tally',
  version: '1.0.0',
  summary: 'Counts.',
  basePath: '/api/v1',
  errors: { too_many: { status: 409, title: 'It counts no further.' } },
  operations: {
    add: {
      method: 'POST',
      path: '/tally',
      summary: 'Adds.',
      callers: ['operator', 'tally'],
      idempotent: false,
      body: Type.Object({ count: Type.Integer({ minimum: 1 }) }),
      response: Total,
      errors: ['too_many'],
    },
    wait: {
      method: 'PUT',
      path: '/wait',
      summary: 'Waits for ever.',
      callers: ['tally'],
      response: Total,
    },
    reset: { method: 'DELETE', path: '/tally', summary: 'Not for commands.', callers: ['operator'] },
  },
});
const problem = problemsOf(tallyContract);

const tally = defineService({
  contract: tallyContract,
  config: Type.Object({ TALLY_PASSWORD: secret(Type.String()) }),
  createContext: () => ({ total: 0, close: () => void process.stderr.write('closed\n') }),
  handlers: {
    add: ({ body }, _call, context) => {
      if (context.total + body.count > 10)
        throw problem('too_many', { detail: 'Ten is the end.', extensions: { total: context.total } });
      context.total += body.count;
      return { total: context.total };
    },
    wait: (_input, call) =>
      new Promise((_resolve, reject) => {
        process.send?.('waiting');
        call.signal.addEventListener('abort', () => reject(call.signal.reason));
      }),
    reset: (_input, _call, context) => {
      context.total = 0;
    },
  },
  workers: () => [
    {
      name: 'never in a command',
      run: (signal) => {
        process.stderr.write('worker\n');
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    },
  ],
});

const command = commandsOf(tallyContract);
const commands = {
  'count add': command({
    usage: 'COUNT [--most NUMBER]',
    summary: 'adds a number',
    options: { most: { type: 'string' } },
    positionals: 1,
    run: ({ positionals, values }, { client }) => {
      const count = Number(positionals[0]);
      if (!Number.isInteger(count)) throw new UsageError('COUNT must be a whole number');
      if (values.most !== undefined && count > Number(values.most)) throw new Error('more than was meant');
      return client.add({ body: { count } });
    },
    succeeded: ({ total }) => total < 9,
  }),
  count: command({ summary: 'adds one', run: (_given, { client }) => client.add({ body: { count: 1 } }) }),
  wait: command({ summary: 'waits', run: (_given, { client }) => client.wait() }),
  reset: command({ summary: 'is refused', run: (_given, { client }) => client.reset() }),
};

await runServiceOrCommand(tally, commands, process);
process.channel?.unref();
