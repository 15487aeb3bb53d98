/** The services of a stack of this machine, reached at the addresses of their containers, with the operator's key. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { isProblem, urlVariable } from '@lucid/service-kit';
import { addressOn, networks, type ServiceName, serviceAt, serviceNames, services } from '@lucid/topology';
import { CliError } from '../cli/cli-error.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { connectAsOperator, isAway } from '../commands/export-services.ts';
import type { Connection } from '../host/host-connection.ts';
import { type ComposePlace, findComposePlace } from './place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `http://172.20.0.17:8081`; the gateway is asked at the port that it is published at. */
export function containerOrigin(service: ServiceName): string {
  const { networks: its, octet, containerPort } = serviceAt(service);
  const [network] = its;
  if (network === undefined) throw new Error(`${service} is on no network`);
  return `http://${addressOn(network, octet)}:${containerPort}`;
}

const URLS: Readonly<Record<string, string>> = Object.fromEntries(
  serviceNames.map((name) => [urlVariable(name), containerOrigin(name)]),
);

/** Elsewhere the packets would go out into some other network. @throws CliError stack_failed */
function assertBridge(): void {
  if (process.platform !== 'linux')
    throw new CliError(
      'usage',
      '--compose: addresses of containers are reached from Linux only. Work through the gateway (lucid --host https://localhost:8080 …), or name each service by its variable (SESSION_RECORDER_URL and so on).',
    );
  if (networkInterfaces()[networks.main.bridge] === undefined)
    throw new CliError(
      'stack_failed',
      `--compose: no stack runs on this machine (there is no network ${networks.main.name}). Start it: lucid up --compose`,
    );
}

const gatewayOf = ({ setting }: ComposePlace): string => {
  const scheme = setting('LUCID_GATEWAY_TLS') === 'off' ? 'http' : 'https';
  return `${scheme}://localhost:${setting('LUCID_API_GATEWAY_PORT') ?? services['api-gateway'].hostPort}`;
};

export interface StackServices extends Connection {
  /** Public keys that evidence of the stack is judged by. */
  readonly recorderKey: string | undefined;
  readonly ledgerKey: string | undefined;
  /** Where users of this machine sign in. */
  readonly gateway: string;
}

/** Call `close` when done. @throws CliError key_missing where there is no operator's key, stack_failed where no stack runs */
export function connectToStack(env: Environment): StackServices {
  const place = findComposePlace(env, {});
  if (!env.SESSION_ORCHESTRATOR_URL) assertBridge();
  const connection = connectAsOperator({ ...URLS, ...env }, join(place.secrets, 'operator_key'));
  return {
    ...connection,
    recorderKey: place.setting('LUCID_RECORDER_VERIFIER_KEY'),
    ledgerKey: place.setting('LUCID_LEDGER_VERIFIER_KEY'),
    gateway: gatewayOf(place),
  };
}

/** As `toCliError`, for services in containers. */
export const toStackError = (error: unknown): unknown =>
  isAway(error) || isProblem(error, 'internal', 'bad_answer')
    ? new CliError(
        'stack_failed',
        'a service of the stack failed or does not answer. See which: lucid doctor --compose',
        {
          cause: error,
        },
      )
    : toCliError(error);
