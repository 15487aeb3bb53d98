/** `lucid up`: the all-in-one host, until a signal stops it. */
import { resolve } from 'node:path';
import { authenticationContract, sessionOrchestratorContract } from '@lucid/contracts';
import { createLog, isProblem, logDestination } from '@lucid/service-kit';
import { type AppName, services } from '@lucid/topology';
import type { CodecChoice } from '@lucid/zstd';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { welcome } from '../cli/welcome.ts';
import { prepareChain } from '../host/chain.ts';
import { type DoorOptions, isLoopback, openDoor, signInOrigins } from '../host/door.ts';
import { type EvidenceHost, type EvidenceHostOptions, startEvidenceHost } from '../host/evidence-host.ts';
import type { Peering } from '../host/following.ts';
import { openHome } from '../host/home.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { openNodeKeys } from '../host/node-keys.ts';
import { shownCertificate } from '../remote/certificate.ts';
import { originOf } from '../remote/host-place.ts';
import { awaitStop, judgePort, startFault } from './host-process.ts';

/** Well below the 10 s that containers and systemd give a stopping program at least. */
const CLOSE_WAIT_MS = 5_000;

export interface UpOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly host: string;
  readonly port?: number;
  readonly docsPort?: number;
  readonly ledgerPort?: number;
  readonly rpcPort?: number;
  readonly apiPort?: number;
  readonly governancePort?: number;
  /** At which other nodes fetch blocks; absent: none may. */
  readonly peerPort?: number;
  readonly uri: readonly string[];
  readonly tls: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly codec: CodecChoice;
}

type Ports = Readonly<Record<'gateway' | 'docs' | 'ledger' | 'rpc' | 'api' | 'governance', number>> & {
  readonly peers?: number;
};

/** Who takes any port for the gateway takes any for the others, too. */
function judgePorts(options: UpOptions): Ports {
  const { port, docsPort, ledgerPort, rpcPort, apiPort, governancePort, peerPort } = options;
  const judge = (option: string, given: number | undefined, service: AppName): number =>
    judgePort(option, given ?? (port === 0 ? 0 : services[service].hostPort));
  return {
    gateway: judge('--port', port, 'api-gateway'),
    docs: judge('--docs-port', docsPort, 'openapi-gateway'),
    ledger: judge('--ledger-port', ledgerPort, 'blockchain-ledger'),
    rpc: judge('--rpc-port', rpcPort, 'on-system-chain'),
    api: judge('--api-port', apiPort, 'blockchain-api-read'),
    governance: judge('--governance-port', governancePort, 'blockchain-governance'),
    ...(peerPort === undefined ? {} : { peers: judgePort(peerOption, peerPort) }),
  };
}

/** Tokens must not cross a network in the clear: beyond the loopback address there is TLS. */
function judgeTls({ host, tls, tlsCert, tlsKey }: UpOptions): DoorOptions['tls'] {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CliError('usage', '--tls-cert and --tls-key go together');
  if (tlsCert !== undefined && tlsKey !== undefined)
    return { certificateFile: resolve(tlsCert), keyFile: resolve(tlsKey) };
  return tls || !isLoopback(host) ? 'made' : 'off';
}

const peerOption = '--peer-port';

/** Of the option that says a port. */
function optionNames(ports: Ports): (port: number) => string {
  const options = new Map<number | undefined, string>([
    [ports.rpc, '--rpc-port'],
    [ports.api, '--api-port'],
    [ports.governance, '--governance-port'],
    [ports.docs, '--docs-port'],
    [ports.ledger, '--ledger-port'],
    [ports.peers, peerOption],
  ]);
  return (port) => options.get(port) ?? '--port';
}

/** A one-time code, while nobody administers this host; null once somebody does. */
async function firstAdminCode(host: EvidenceHost): Promise<string | null> {
  try {
    return (await host.clientOf(authenticationContract).createFirstAdmin({})).code;
  } catch (error) {
    if (isProblem(error, 'admin_exists')) return null;
    throw error;
  }
}

const originAt = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A URL does not name the port that its scheme has by itself. */
const portOf = (origin: string): number => {
  const { protocol, port } = new URL(origin);
  return Number(port || (protocol === 'https:' ? 443 : 80));
};

async function tellReady(
  output: Output,
  process: NodeJS.Process,
  {
    host,
    door,
    peers,
    readyMs,
  }: {
    readonly host: EvidenceHost;
    readonly door: DoorOptions;
    /** Where others fetch blocks; empty: nowhere. */
    readonly peers: string;
    readonly readyMs: number;
  },
): Promise<void> {
  const { home, keys, stack } = host;
  const originOf = (service: AppName) => stack.targetOf(service)?.origin ?? '';
  const gateway = originOf('api-gateway');
  const docs = originOf('openapi-gateway');
  const ledger = originOf('blockchain-ledger');
  const chain = originOf('on-system-chain');
  const chainApi = originOf('blockchain-api-read');
  const governance = originOf('blockchain-governance');
  const fromElsewhere = signInOrigins(door, portOf(gateway)).filter(
    (origin) => !isLoopback(new URL(origin).hostname),
  );
  const adminCode = await firstAdminCode(host);
  const shown = gateway.startsWith('https:') ? await shownCertificate(gateway) : null;
  output.json({
    ready: true,
    pid: process.pid,
    home: home.root,
    gateway,
    fromElsewhere,
    docs,
    ledger,
    chain,
    chainApi,
    governance,
    peers,
    ...(shown ? { certificateSha256: shown.sha256 } : {}),
    ...(adminCode === null ? {} : { adminCode }),
    recorderKey: keys.recorder.verifierKey,
    ledgerKey: keys.ledger.verifierKey,
    readyMs,
  });
  output.line(`ready in ${readyMs} ms, data folder ${home.root}`);
  output.line(`gateway (sign in here)      ${gateway}`);
  if (fromElsewhere.length > 0) output.line(`  from other machines       ${fromElsewhere.join('  ')}`);
  if (shown) output.line(`  its certificate, SHA-256  ${shown.sha256}`);
  output.line(`documentation of the API    ${docs}/docs`);
  output.line(`ledger (public, read-only)  ${ledger}`);
  output.line(`chain (JSON-RPC)            ${chain}`);
  output.line(`chain (REST, read-only)     ${chainApi}/api/v1`);
  if (governance !== '') output.line(`governance of the chain     ${governance}/api/v1/governance`);
  if (peers !== '') output.line(`blocks for other nodes      ${peers}`);
  output.line(`recorder key  ${keys.recorder.verifierKey}`);
  output.line(`ledger key    ${keys.ledger.verifierKey}`);
  if (adminCode !== null)
    output.line(
      `\nNobody administers this host yet. Become its administrator within a day, with a key of yours:\n  lucid keys tron && lucid register --code ${adminCode}`,
    );
}

/** Recordings do not survive the host, which alone holds their keys: they are closed at what is stored, and that is said. */
async function closeRecordings(host: EvidenceHost, output: Output, reason: string): Promise<void> {
  const orchestrator = host.clientOf(sessionOrchestratorContract);
  const open = await Promise.all(
    (['starting', 'recording', 'paused'] as const).map((state) =>
      orchestrator.listSessions({ query: { state, limit: 1000 } }),
    ),
  );
  const ids = open.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId));
  if (ids.length === 0) return;
  output.note(
    `${ids.length === 1 ? '1 session is' : `${ids.length} sessions are`} being recorded; closing as interrupted: ${ids.map((id) => id.slice(0, 16)).join(' ')}`,
  );
  const body = { closed: 'interrupted' as const, reason };
  await Promise.allSettled(
    ids.map((sessionId) =>
      orchestrator.stopSession({ params: { sessionId }, query: { waitMs: CLOSE_WAIT_MS }, body }),
    ),
  );
}

const startHost = async (
  options: Omit<EvidenceHostOptions, 'chain'>,
  door: DoorOptions,
  peering: Peering,
): Promise<EvidenceHost> =>
  startEvidenceHost({
    ...options,
    chain: prepareChain(options.home, {
      blocks: 'slots',
      makes: true,
      faces: true,
      peering,
      env: options.env,
    }),
    chainOpen: true,
    door: await openDoor(options.home, door),
  });

export async function up(process: NodeJS.Process, options: UpOptions): Promise<number> {
  const output = new Output(process, options);
  const ports = judgePorts(options);
  const tls = judgeTls(options);
  const startedMs = performance.now();
  const home = openHome(process.env);
  const keys = await openNodeKeys(home);
  welcome(output, home, keys);
  const destination = logDestination(2);
  const log = createLog({ level: (process.env.LUCID_LOG as 'info') ?? 'warn', destination, fields: {} });
  const lock = await takeHomeLock(home, 0);
  const stopping = awaitStop(process);
  const door = {
    host: options.host,
    port: ports.gateway,
    docsPort: ports.docs,
    uris: options.uri.map(originOf),
    tls,
  };
  let peers = '';
  const peering = {
    follows: true,
    ...(ports.peers === undefined ? {} : { serves: { host: options.host, port: ports.peers } }),
  };
  const host = await startHost(
    {
      home,
      keys,
      env: process.env,
      log,
      codec: options.codec,
      serve: true,
      listen: {
        'blockchain-ledger': { host: options.host, port: ports.ledger },
        // Whoever reaches it may send transactions; it has no TLS.
        'on-system-chain': { host: '127.0.0.1', port: ports.rpc },
        'blockchain-api-read': { host: '127.0.0.1', port: ports.api },
        'blockchain-governance': { host: '127.0.0.1', port: ports.governance },
      },
      onClosed: () => lock.release(),
      onFatal: stopping.fail,
      peerAdapters: {
        onPeerPort: (port) => {
          peers = originAt(options.host, port);
        },
      },
    },
    door,
    peering,
  ).catch((error: unknown) => {
    lock.release();
    throw startFault(error, { host: options.host, port: ports.gateway, optionOf: optionNames(ports) });
  });
  const readyMs = Math.round(performance.now() - startedMs);
  await tellReady(output, process, { host, door, peers, readyMs }).catch(async (error: unknown) => {
    // Nobody would know that it runs.
    await host.close();
    throw toCliError(error);
  });
  const reason = await stopping.reason;
  output.note(reason instanceof Error ? `stopping after a fault: ${reason.message}` : `stopping (${reason})`);
  // Signed, and told to strangers: no detail of this machine.
  const why = reason instanceof Error ? 'the host failed' : `the host was stopped (${reason})`;
  await closeRecordings(host, output, why).catch(() => {});
  await host.close();
  await destination.close();
  return reason instanceof Error ? exitCodes.failed : exitCodes.ok;
}
