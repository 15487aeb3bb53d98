/** Tor: its SOCKS port, its control port, how far it has connected, and whether an onion service is reached through it. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createTorEgress, isEgressError } from '@lucid/tor-egress';
import { type Asking, addressesOf, connectTo } from './addresses.ts';
import type { Target } from './installation.ts';
import type { Finding, Probe } from './probe.ts';
import type { Resolve } from './resolve-name.ts';
import { bootstrapOf, notTor, protocolInfoOf } from './tor-status.ts';

export interface TorSettings {
  /** Of the control port; absent: its progress is not asked for. */
  readonly password?: string | undefined;
  /** `ADDRESS.onion` or `ADDRESS.onion:PORT` of this installation; absent: none is fetched. */
  readonly onion?: string | undefined;
  /** Of fetching from it. */
  readonly onionTimeoutMs: number;
}

export function torProbes(target: Target, resolve: Resolve, settings: TorSettings): Probe[] {
  const { password, onion } = settings;
  return [
    socksProbe(target, resolve),
    controlProbe(target, resolve),
    ...(password === undefined ? [] : [bootstrapProbe(target, resolve, password)]),
    ...(onion === undefined
      ? []
      : [onionProbe(target, resolve, { onion, timeoutMs: settings.onionTimeoutMs })]),
  ];
}

const torProbe = (target: string, tried: string, run: Probe['run'], timeoutMs?: number): Probe => ({
  check: 'tor',
  ...{ target, tried, run, timeoutMs },
  service: 'tor-proxy',
});

/** RFC 1928 section 3: version 5, and the two methods that are known here: none, and user name. */
const GREETING = Uint8Array.of(5, 2, 0, 2);

const socksProbe = (target: Target, resolve: Resolve): Probe =>
  torProbe('tor-proxy socks', `greeted ${target.host}:${target.ports.service} by SOCKS 5`, async (signal) => {
    const socket = await connectTo(target, target.ports.service as number, { resolve, signal });
    try {
      socket.write(GREETING);
      const [version, method] = await firstBytes(socket, 2, signal);
      if (version === 5 && (method === 0 || method === 2))
        return { outcome: 'ok', found: 'Its SOCKS port answers.', facts: { method } };
      throw notTor('SOCKS 5');
    } finally {
      socket.destroy();
    }
  });

/** Throws where the other ends first. */
async function firstBytes(socket: Socket, wanted: number, signal: AbortSignal): Promise<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  const ended = once(socket, 'close', { signal }).then(() => null);
  // Its rejection is that of the race below.
  ended.catch(() => {});
  while (held.length < wanted) {
    const heard = await Promise.race([once(socket, 'data', { signal }), ended]);
    if (heard === null) throw Object.assign(new Error('no whole answer'), { code: 'ECONNRESET' });
    held = Buffer.concat([held, heard[0] as Buffer]);
  }
  return held;
}

async function controlPlace(target: Target, asking: Asking) {
  const [host = ''] = await addressesOf(target, asking);
  return { host, port: target.ports.control as number };
}

const controlProbe = (target: Target, resolve: Resolve): Probe =>
  torProbe(
    'tor-proxy control',
    `asked ${target.host}:${target.ports.control} for PROTOCOLINFO`,
    async (signal) => {
      const { version, methods } = await protocolInfoOf({
        ...(await controlPlace(target, { resolve, signal })),
        signal,
      });
      const facts = { version, methods: methods.join(' ') };
      if (methods.includes('NULL'))
        return {
          outcome: 'failed',
          found: 'Its control port takes commands from anybody.',
          advice: 'Give it a HashedControlPassword: node tools/make-secrets.mjs makes one.',
          facts,
        };
      return { outcome: 'ok', found: `Its control port answers: Tor ${version}.`, facts };
    },
  );

const bootstrapProbe = (target: Target, resolve: Resolve, password: string): Probe =>
  torProbe('tor-proxy bootstrap', 'asked Tor how far it has connected', async (signal) => {
    const place = await controlPlace(target, { resolve, signal });
    const { progress, summary } = await bootstrapOf({ ...place, credentials: { password }, signal });
    const facts = { progressPercent: progress, summary };
    if (progress === 100) return { outcome: 'ok', found: 'It is connected to its network.', facts };
    return {
      outcome: 'warning',
      found: `It is at ${progress} %: ${summary}.`,
      advice: 'Wait; if it stays, see that tor-proxy has a way out and that the clock is right.',
      facts,
    };
  });

interface OnionOptions {
  readonly onion: string;
  readonly timeoutMs: number;
}

const onionProbe = (target: Target, resolve: Resolve, { onion, timeoutMs }: OnionOptions): Probe =>
  torProbe(
    'onion service',
    'fetched /health of the onion service through Tor',
    async (signal): Promise<Finding> => {
      const [address = ''] = await addressesOf(target, { resolve, signal });
      const host = address.includes(':') ? `[${address}]` : address;
      const egress = createTorEgress({ proxyUrl: `socks5://${host}:${target.ports.service}`, timeoutMs });
      try {
        const { status } = await egress.fetch('diagnostics', `http://${onion}/health`, { signal });
        // Whatever it answers, it was reached.
        return { outcome: 'ok', found: `It is reached, and answers ${status}.`, facts: { status } };
      } catch (error) {
        if (!isEgressError(error)) throw error;
        const [, found = error.code] = /: (.*)$/.exec(error.message) ?? [];
        const advice =
          'See with tunnel-tools that the onion service is up; a new one takes a minute to be found.';
        return { outcome: 'failed', found, advice, facts: { error: error.code } };
      } finally {
        await egress.close();
      }
    },
    timeoutMs,
  );
