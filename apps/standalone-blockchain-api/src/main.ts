import process from 'node:process';
import { blockchainApi } from '@lucid/blockchain-api';
import { ConfigError, createLog, logDestination } from '@lucid/service-kit';
import { startStandalone } from './standalone.ts';

const destination = logDestination(1);
const log = createLog({ level: 'info', destination });

async function stopWith(code: number): Promise<never> {
  const stack = await starting.catch(() => null);
  await stack?.close();
  await destination.close();
  process.exit(code);
}

const starting = startStandalone({
  environment: process.env,
  log,
  onFatal: (error) => {
    log.fatal({ err: error }, 'stopping after an error');
    void stopWith(1);
  },
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stopWith(0));
try {
  const stack = await starting;
  log.info({ address: stack.targetOf(blockchainApi.contract.service)?.origin }, 'listening');
} catch (error) {
  const misconfigured = error instanceof ConfigError;
  process.stderr.write(`${misconfigured ? '' : 'the chain cannot start: '}${(error as Error).message}\n`);
  process.exit(misconfigured ? 2 : 1);
}
