import { sessionRecorderContract } from '@lucid/contracts';
import { ConfigError } from '@lucid/service-kit';
import { startTestStack } from '@lucid/service-kit/testing';
import { sessionRecorder } from '../src/index.ts';

const start = (environment: Record<string, string>) =>
  startTestStack({ definitions: [sessionRecorder], environment, transport: 'local' });

it('opens the store that the configuration names, and starts while Redis is away', async () => {
  const stack = await start({ LUCID_DOCUMENTS_URL: 'memory:', REDIS_URL: 'redis://127.0.0.1:1' });
  expect((await stack.ready())['session-recorder']).toMatchObject({ status: 'ready' });
  expect(await stack.clientOf(sessionRecorderContract).listRecordings()).toEqual({ recordings: [] });
  await stack.close();
});

it('a missing store is a fault of the configuration', async () => {
  const error = await start({}).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).faults.map((each) => each.variable)).toEqual(['LUCID_DOCUMENTS_URL']);
});
