// A private Tor network for tests: three directory authorities, relays that are exits too, and clients, as processes of Debian's tor on
// one address; never a part of the product. It knows no other authorities, so nothing of it ever leaves for the public network.
// Found on PATH, in /usr/sbin, or in the folder LUCID_TOR_BIN.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** It takes 10 to 25 s. */
const BOOTSTRAP_TIMEOUT_MS = 60_000;
const NETWORK_ATTEMPTS = 3;
/** Who asked before there was a consensus asks again later and later, in the end after more than a minute; a reload forgets that. */
const RELOAD_MS = 5_000;
const AUTHORITIES = 3;
/** No relay goes out through itself: each needs another exit before it counts as up. */
const RELAYS = 2;
/** A name server where none is: the port of `discard`. */
const NO_NAMES = 'nameserver 127.0.0.1:9\n';
const PASSWORD = 'a control password for tests';

function programOf(name) {
  const folders = [
    ...(process.env.LUCID_TOR_BIN ? [process.env.LUCID_TOR_BIN] : []),
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/bin',
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** Why no private Tor network can be had here, or null. */
export function whyNoTor() {
  const missing = ['tor', 'tor-gencert'].filter((name) => programOf(name) === null);
  return missing.length === 0
    ? null
    : `${missing.join(' and ')} not found; install Debian's package tor, or name its folder in LUCID_TOR_BIN`;
}

function run(program, args, input) {
  const { status, stdout, stderr } = spawnSync(programOf(program), args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${stderr}${stdout}`);
  return stdout;
}

const freePort = (address) =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, address, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A tor that only answers a question about itself: it opens nothing and calls nobody. */
const askTor = (folder, args) => {
  const none = join(folder, 'none');
  writeFileSync(none, '');
  return run('tor', ['-f', none, '--defaults-torrc', none, '--quiet', '--DisableNetwork', '1', ...args]);
};

const lines = (...parts) => `${parts.flat().join('\n')}\n`;

/** What every node of the network has in its configuration, clients in containers too; the rest of a client's is its own. */
export const networkConfig = ({ authorities }) =>
  lines(
    'TestingTorNetwork 1',
    'TestingDirAuthVoteExit *',
    'TestingDirAuthVoteHSDir *',
    'TestingDirAuthVoteGuard *',
    'TestingMinExitFlagThreshold 0',
    'V3AuthNIntervalsValid 2',
    'PathsNeededToBuildCircuits 0.25',
    'SafeLogging 0',
    authorities.map(
      ({ nickname, address, orPort, dirPort, identity, fingerprint }) =>
        `DirAuthority ${nickname} orport=${orPort} no-v2 v3ident=${identity} ${address}:${dirPort} ${fingerprint}`,
    ),
  );

/** Configuration of one node. `folder` is its data directory; `own` are its lines. */
const nodeConfig = (settings, { folder, nickname }, own) =>
  lines(
    settings.trimEnd(),
    `DataDirectory ${folder}`,
    `Nickname ${nickname}`,
    'ShutdownWaitLength 1',
    'Log notice stdout',
    // A node ends with the test that started it, however that ends.
    `__OwningControllerProcess ${process.pid}`,
    own,
  );

const authorityLines = ({ address, orPort, dirPort }) => [
  `Address ${address}`,
  `ORPort ${address}:${orPort}`,
  `DirPort ${address}:${dirPort}`,
  'SocksPort 0',
  'AuthoritativeDirectory 1',
  'V3AuthoritativeDirectory 1',
  'AssumeReachable 1',
  'ContactInfo none@example.invalid',
  'ExitPolicy reject *:*',
  'TestingV3AuthInitialVotingInterval 10',
  'TestingV3AuthInitialVoteDelay 2',
  'TestingV3AuthInitialDistDelay 2',
  'V3AuthVotingInterval 10',
  'V3AuthVoteDelay 2',
  'V3AuthDistDelay 2',
];

/**
 * A relay, which is an exit where `exitTo` says so. Clients read no more of a policy than its ports, so the exit for this machine takes
 * every address, and cannot leave the loopback interface: what it sends comes from there.
 */
const relayLines = ({ address, orPort, exitTo, resolvConf }) => [
  `Address ${address}`,
  `ORPort ${address}:${orPort}`,
  'SocksPort 0',
  'AssumeReachable 1',
  'ExitPolicyRejectPrivate 0',
  ...(exitTo === 'loopback'
    ? [
        'ExitRelay 1',
        'OutboundBindAddressExit 127.0.0.1',
        'OutboundBindAddressExit [::1]',
        'ExitPolicy accept *:*',
      ]
    : ['ExitRelay 0', 'ExitPolicy reject *:*']),
  // It asks no name server but that of the test, not even to try whether there is one.
  `ServerDNSResolvConfFile ${resolvConf}`,
  'ServerDNSSearchDomains 0',
  'ServerDNSDetectHijacking 0',
  'ServerDNSTestAddresses test.invalid',
  'ServerDNSRandomizeCase 0',
  'ServerDNSAllowBrokenConfig 1',
];

const clientLines = ({ address, socksPort, controlPort, hashedPassword }) => [
  `SocksPort ${address}:${socksPort} IsolateSOCKSAuth ExtendedErrors`,
  `ControlPort ${address}:${controlPort}`,
  `HashedControlPassword ${hashedPassword}`,
  'CookieAuthentication 1',
];

/** An authority's keys: the identity that signs the consensus and the fingerprint of its relay. */
async function makeAuthority(folder, nickname, address) {
  mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const [orPort, dirPort] = [await freePort(address), await freePort(address)];
  const file = (name) => join(folder, 'keys', name);
  const certificate = file('authority_certificate');
  run(
    'tor-gencert',
    [
      ...['--create-identity-key', '--passphrase-fd', '0', '-m', '12', '-a', `${address}:${dirPort}`],
      ...['-i', file('authority_identity_key'), '-s', file('authority_signing_key'), '-c', certificate],
    ],
    'a passphrase\n',
  );
  const identity = /^fingerprint ([0-9A-F]{40})$/m.exec(readFileSync(certificate, 'utf8'))[1];
  const listed = askTor(folder, [
    ...['--list-fingerprint', '--DataDirectory', folder, '--Nickname', nickname, '--ORPort', String(orPort)],
    ...['--DirServer', `x 127.0.0.1:1 ${'f'.repeat(40)}`],
  ]);
  const fingerprint = listed.trim().replace(nickname, '').replaceAll(' ', '');
  return { folder, nickname, address, orPort, dirPort, identity, fingerprint };
}

const BEGUN = 'Bootstrapped 0%';
const JOINED = 'Bootstrapped 100%';
const LISTENING = 'Opened Control listener';

/** One tor of a configuration. `said` resolves once it has logged a text, and rejects where it ends before, or takes too long. */
function startNode(folder, config) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'torrc');
  writeFileSync(path, config);
  writeFileSync(join(folder, 'none'), '');
  const child = spawn(programOf('tor'), ['-f', path, '--defaults-torrc', join(folder, 'none')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const heard = new Set();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      log = (log + data).slice(-200_000);
      for (const look of heard) look();
    });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const said = (text) =>
    new Promise((resolve, reject) => {
      // Before it has begun the signal would end it.
      const reload = () => text === JOINED && log.includes(BEGUN) && child.kill('SIGHUP');
      const reloads = setInterval(reload, RELOAD_MS);
      const settle = (done, value) => {
        clearInterval(reloads);
        clearTimeout(timer);
        heard.delete(look);
        done(value);
      };
      const fail = (why) => settle(reject, new Error(`tor in ${folder} ${why}:\n${log.slice(-3000)}`));
      const timer = setTimeout(() => fail('did not come up in time'), BOOTSTRAP_TIMEOUT_MS);
      const look = () => log.includes(text) && settle(resolve);
      heard.add(look);
      ended.then(() => fail('ended'));
      look();
    });
  const stop = async (signal = 'SIGKILL') => {
    child.kill(signal);
    await ended;
  };
  return { child, said, log: () => log, stop };
}

/** A tor with SOCKS and control port; `settings` are the lines of its network. */
async function clientOf(settings, { folder, nickname, address, lines: more = [] }) {
  const [socksPort, controlPort] = [await freePort(address), await freePort(address)];
  mkdirSync(folder, { mode: 0o700 });
  const hashedPassword = askTor(folder, ['--hash-password', PASSWORD]).trim().split('\n').at(-1);
  const own = [...clientLines({ address, socksPort, controlPort, hashedPassword }), ...more];
  const config = nodeConfig(settings, { folder, nickname }, own);
  let node = startNode(folder, config);
  return {
    proxyUrl: `socks5://${address}:${socksPort}`,
    controlAddress: `${address}:${controlPort}`,
    controlPassword: PASSWORD,
    cookieFile: join(folder, 'control_auth_cookie'),
    get pid() {
      return node.child.pid;
    },
    log: () => node.log(),
    listening: () => node.said(LISTENING),
    joined: () => node.said(JOINED),
    stop: (signal) => node.stop(signal),
    start() {
      node = startNode(folder, config);
    },
  };
}

/** A tor that reaches nothing (`DisableNetwork`), for what its control port answers all the same: there within a second. */
export async function startLoneTor() {
  const root = mkdtempSync(join(tmpdir(), 'lucid-tor-'));
  const place = { folder: join(root, 'lone'), nickname: 'lone', address: '127.0.0.1' };
  const tor = await clientOf('DisableNetwork 1', place);
  const dispose = async () => {
    await tor.stop();
    rmSync(root, { recursive: true, force: true });
  };
  await tor.listening().catch(async (error) => {
    await dispose();
    throw error;
  });
  return Object.assign(tor, { dispose });
}

async function startOneNetwork(options) {
  const { address = '127.0.0.1', exitTo = address === '127.0.0.1' ? 'loopback' : 'nothing' } = options;
  const root = mkdtempSync(join(tmpdir(), 'lucid-tor-'));
  const nodes = [];
  const clients = [];
  const stop = async () => {
    await Promise.all([...clients, ...nodes].map((each) => each.stop()));
    rmSync(root, { recursive: true, force: true });
  };
  const start = (folder, config) => {
    const node = startNode(folder, config);
    nodes.push(node);
    return node;
  };
  try {
    const authorities = [];
    for (let at = 0; at < AUTHORITIES; at++)
      authorities.push(await makeAuthority(join(root, `authority${at}`), `authority${at}`, address));
    const config = networkConfig({ authorities });
    for (const each of authorities) start(each.folder, nodeConfig(config, each, authorityLines(each)));
    const resolvConf = options.resolvConf ?? join(root, 'resolv.conf');
    if (options.resolvConf === undefined) writeFileSync(resolvConf, NO_NAMES);
    for (let at = 0; at < RELAYS; at++) {
      const relay = {
        folder: join(root, `relay${at}`),
        nickname: `relay${at}`,
        address,
        orPort: await freePort(address),
      };
      start(relay.folder, nodeConfig(config, relay, relayLines({ ...relay, exitTo, resolvConf })));
    }
    await Promise.all(nodes.map(({ said }) => said(JOINED)));
    let begun = 0;
    const startClient = async (more = {}) => {
      const nickname = `client${begun++}`;
      const client = await clientOf(config, { folder: join(root, nickname), nickname, address, ...more });
      clients.push(client);
      await client.joined();
      return client;
    };
    return { config, startClient, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts a network on `address` and waits until its relays are up. `exitTo`: `loopback` or `nothing`; `resolvConf`: a file that
 * names the DNS server its exit asks, none by default. `startClient({ lines })` gives a tor with SOCKS and control port that has
 * joined; `config` is what a client elsewhere needs. `stop` ends every process and removes their folder.
 */
export async function startTorNetwork(options = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOneNetwork(options);
    } catch (error) {
      if (attempt === NETWORK_ATTEMPTS) throw error;
    }
  }
}
