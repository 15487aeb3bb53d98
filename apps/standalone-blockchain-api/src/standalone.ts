/** Ledger, vm, node, index and API of a chain in one process and one folder; only the API listens on a port. */
import { join } from 'node:path';
import { blockchainApi } from '@lucid/blockchain-api';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainSessionsData } from '@lucid/blockchain-sessions-data';
import { blockchainVm } from '@lucid/blockchain-vm';
import { formatVerifierKey, parseSignerKey } from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';
import { onSystemChain } from '@lucid/on-system-chain';
import { ConfigError, type Log, loadConfig, secret, startAllInOne } from '@lucid/service-kit';
import { Type } from 'typebox';

const service = 'standalone-blockchain-api';

export const Config = Type.Object({
  HOST: Type.String({ default: '0.0.0.0', description: 'address to listen on' }),
  PORT: Type.Integer({ default: 8084, minimum: 0, maximum: 65_535 }),
  STANDALONE_DATA_DIR: Type.String({ minLength: 1, description: 'folder of everything that is kept' }),
  LEDGER_SIGNING_KEY: secret(Type.String({ minLength: 1, description: 'signer key of the ledger' })),
});

export interface StandaloneOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Hears of a worker that failed; the process should end. */
  readonly onFatal: (error: unknown) => void;
}

function verifierKeyOf(signingKey: string): string {
  try {
    const { name, secretKey } = parseSignerKey(signingKey.trim());
    return formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });
  } catch (cause) {
    const fault = { variable: 'LEDGER_SIGNING_KEY', expected: 'a signer key', hint: 'check it' };
    throw Object.assign(new ConfigError(service, [fault]), { cause });
  }
}

/** Settings of the services go through as they are, but for the places where they keep things. @throws ConfigError */
export async function startStandalone({ environment, log, onFatal }: StandaloneOptions) {
  const config = loadConfig({ service, schema: Config, environment });
  const folder = (name: string): string => join(config.STANDALONE_DATA_DIR, name);
  return startAllInOne({
    transport: 'sockets',
    socketDir: folder('sockets'),
    callsStayInside: true,
    definitions: [blockchainLedger, blockchainVm, onSystemChain, blockchainSessionsData, blockchainApi],
    listen: { [blockchainApi.contract.service]: { host: config.HOST, port: config.PORT } },
    log,
    onFatal,
    environment: {
      ...environment,
      LEDGER_DATA_DIR: folder('ledger'),
      VM_DATA_DIR: folder('vm'),
      CHAIN_DATA_DIR: folder('chain'),
      // The index can be made anew from the blocks, so it may be elsewhere.
      LUCID_DOCUMENTS_URL: environment.LUCID_DOCUMENTS_URL || folder('index'),
      LUCID_LEDGER_VERIFIER_KEY: verifierKeyOf(config.LEDGER_SIGNING_KEY),
    },
  });
}
