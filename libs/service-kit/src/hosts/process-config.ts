/** What a process that hosts one service reads from its environment, besides the service's own configuration. */
import { readFileSync } from 'node:fs';
import { authenticationContract, type ContractSpec } from '@lucid/contracts';
import { services } from '@lucid/topology';
import { type TObject, Type } from 'typebox';
import { judgesAccounts } from '../auth/accounts.ts';
import { type Keyring, parseKeyring, parseServiceKey, type ServiceKey } from '../auth/keys.ts';
import { type HttpTarget, parseTarget } from '../client/http-transport.ts';
import {
  ConfigError,
  type ConfigFault,
  type Environment,
  judgeEnvironment,
  readEnvironment,
} from '../config.ts';
import type { AnyServiceDefinition } from '../definition.ts';
import type { LogLevel } from '../log.ts';

const placeOf = (service: string) =>
  (services as Record<string, { containerPort: number } | undefined>)[service];

const processSchema = (service: string) =>
  Type.Object({
    HOST: Type.String({ default: '0.0.0.0', description: 'address to listen on' }),
    PORT: Type.Integer({ default: placeOf(service)?.containerPort ?? 8080, minimum: 0, maximum: 65_535 }),
    LUCID_SOCKET: Type.Optional(
      Type.String({ description: 'path of a Unix socket to listen on instead of a port' }),
    ),
    LOG_LEVEL: Type.Union(
      (['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const).map((each) => Type.Literal(each)),
      { default: 'info' },
    ),
    STOP_GRACE_MS: Type.Integer({ default: 8_000, minimum: 0, maximum: 600_000 }),
    OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://' })),
    LUCID_SERVICE_KEY_FILE: Type.String({ description: "file of this service's Ed25519 secret key" }),
    LUCID_SERVICE_KEYRING_FILE: Type.String({ description: 'JSON file of public keys by caller' }),
  });

/** `session-orchestrator` is reached at `SESSION_ORCHESTRATOR_URL`. */
export const urlVariable = (service: string): string => `${service.toUpperCase().replaceAll('-', '_')}_URL`;

export interface ProcessConfig {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly logLevel: LogLevel;
  readonly stopGraceMs: number;
  readonly otlpEndpoint: string | undefined;
  readonly key: ServiceKey;
  readonly keyring: Keyring;
  /** Targets of the services that this one uses, by service. */
  readonly targets: ReadonlyMap<string, HttpTarget>;
}

/** @throws ConfigError with every fault of the process and of the service together */
export function loadProcessConfig(definition: AnyServiceDefinition, environment: Environment): ProcessConfig {
  const { service } = definition.contract;
  const schema = processSchema(service);
  const { config, faults: processFaults } = judgeEnvironment(schema, readEnvironment(schema, environment));
  const own = judgeEnvironment(definition.config as TObject, readEnvironment(definition.config, environment));
  const faults: ConfigFault[] = [...processFaults, ...own.faults];
  const attempt = <T>(variable: string, expected: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      const why =
        (error as NodeJS.ErrnoException).code ?? (error instanceof TypeError ? error.message : 'not valid');
      faults.push({ variable, expected: `${expected} (${why})`, hint: 'check it' });
      return undefined;
    }
  };
  const { LUCID_SERVICE_KEY_FILE: keyPath, LUCID_SERVICE_KEYRING_FILE: keyringPath } = config;
  const key =
    keyPath &&
    attempt('LUCID_SERVICE_KEY_FILE', 'a file with an Ed25519 secret key', () =>
      parseServiceKey(service, readFileSync(keyPath)),
    );
  const keyring =
    keyringPath &&
    attempt('LUCID_SERVICE_KEYRING_FILE', 'a JSON file of public keys by caller', () =>
      parseKeyring(JSON.parse(readFileSync(keyringPath, 'utf8'))),
    );
  const targets = new Map<string, HttpTarget>();
  const accounts = judgesAccounts(definition) ? [authenticationContract] : [];
  const called = [...Object.values<ContractSpec>(definition.uses ?? {}), ...accounts].map(
    (each) => each.service,
  );
  for (const name of new Set([...called, ...(definition.forwardsTo ?? [])])) {
    const variable = urlVariable(name);
    const url = environment[variable] || defaultUrl(name);
    const target = attempt(variable, 'http://host:port or unix:/path', () => parseTarget(url));
    if (target) targets.set(name, target);
  }
  if (faults.length > 0 || !key || !keyring) throw new ConfigError(service, faults);
  return {
    host: config.HOST,
    port: config.PORT,
    socketPath: config.LUCID_SOCKET,
    logLevel: config.LOG_LEVEL as LogLevel,
    stopGraceMs: config.STOP_GRACE_MS,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    key,
    keyring,
    targets,
  };
}

const defaultUrl = (service: string): string =>
  `http://${service}:${placeOf(service)?.containerPort ?? 8080}`;

/** Where a process listens; for the `health` subcommand, which needs no keys. */
export function readListenPlace(service: string, environment: Environment) {
  const { properties } = processSchema(service);
  const schema = Type.Object({
    HOST: properties.HOST,
    PORT: properties.PORT,
    LUCID_SOCKET: properties.LUCID_SOCKET,
  });
  const { config, faults } = judgeEnvironment(schema, readEnvironment(schema, environment));
  if (faults.length > 0) throw new ConfigError(service, faults);
  return { host: config.HOST, port: config.PORT, socketPath: config.LUCID_SOCKET };
}
