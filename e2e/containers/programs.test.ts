/**
 * Images of programs that others wrote, each as compose runs it (read-only, no capability, user 1000), asked over its port: what it
 * grants, to whom, what stays when it is killed, and what it says where a secret is missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { MongoClient } from 'mongodb';
import { registry } from '../../tools/images/base.mjs';
import { hashControlPassword } from '../../tools/secrets/tor-password.mjs';
import { docker, stateOf, whyNoDocker, whyNoImages } from '../stack/docker.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const imageOf = (name: string) => `${registry}:${name}`;
const run = `lucid-programs-${process.pid}`;
const subnet = `10.${100 + ((randomBytes(1)[0] ?? 0) % 20)}.${randomBytes(1)[0]}.0/24`;
const folder = mkdtempSync(join(tmpdir(), 'lucid-programs-'));
const CONFINED = [
  '--read-only',
  '--tmpfs',
  '/tmp',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
];

const why = whyNoDocker();
const describePrograms = (name: string, what: string) =>
  describeWhere(why ?? whyNoImages([imageOf(name)]), what);

/** A file of the host, read-only in the container. */
function secret(name: string, text: string, path = `/run/secrets/${name}`): string[] {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  return ['--volume', `${file}:${path}:ro`];
}

/** Starts a container and waits until its own check is content. */
async function start(
  name: string,
  image: string,
  options: readonly string[],
): Promise<{ name: string; address: string }> {
  const container = `${run}-${name}`;
  await docker([
    'run',
    '--detach',
    '--name',
    container,
    '--network',
    run,
    ...CONFINED,
    ...options,
    imageOf(image),
  ]);
  return { name: container, address: await whenHealthy(container) };
}

async function whenHealthy(container: string): Promise<string> {
  await until(`${container} is healthy`, async () => {
    await docker(['exec', container, '/usr/bin/lucid-health']);
    return true;
  });
  return docker([
    'inspect',
    '--format',
    `{{(index .NetworkSettings.Networks "${run}").IPAddress}}`,
    container,
  ]);
}

/** What a container that cannot start says, and how it ends. */
function fails(image: string, options: readonly string[] = []) {
  const words = ['run', '--rm', '--network', 'none', ...CONFINED, ...options, imageOf(image)];
  const { status, stdout, stderr } = spawnSync('docker', words, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

/** Sends lines and reads until the other side hangs up. */
async function talk(address: string, port: number, text: string): Promise<string> {
  const socket = connect(port, address);
  socket.end(text);
  return String(await buffer(socket));
}

beforeAll(async () => {
  if (!why) await docker(['network', 'create', '--internal', '--subnet', subnet, run]);
});

afterAll(async () => {
  if (why) return;
  const left = await docker(['ps', '--all', '--quiet', '--filter', `name=${run}-`]);
  if (left) await docker(['rm', '--force', '--volumes', ...left.split('\n')]);
  await docker(['network', 'rm', run]);
  rmSync(folder, { recursive: true, force: true });
});

describePrograms('redis', 'the image of redis')('redis', () => {
  it('answers only who knows the password, and keeps what was written through a kill', async () => {
    const { name, address } = await start(
      'redis',
      'redis',
      secret('redis_config', 'requirepass a-password\n'),
    );
    expect(await talk(address, 6379, 'PING\r\nQUIT\r\n')).toMatch(/^-NOAUTH/);
    expect(await talk(address, 6379, 'AUTH wrong\r\nQUIT\r\n')).toMatch(/^-WRONGPASS/);
    const write = 'AUTH a-password\r\nSET kept value\r\nQUIT\r\n';
    expect(await talk(address, 6379, write)).toMatch(/^\+OK\r\n\+OK\r\n/);
    await docker(['kill', name]);
    await docker(['start', name]);
    const again = await whenHealthy(name);
    expect(await talk(again, 6379, 'AUTH a-password\r\nGET kept\r\nQUIT\r\n')).toContain('value');
    expect(await talk(again, 6379, 'AUTH a-password\r\nCONFIG GET maxmemory-policy\r\nQUIT\r\n')).toContain(
      'noeviction',
    );
  });

  it('says which secret it lacks', () => {
    const { status, said } = fails('redis');
    expect(status).not.toBe(0);
    expect(said).toMatch(/can't open config file '\/run\/secrets\/redis_config': No such file/);
  });
});

describePrograms('tor-proxy', 'the image of tor')('tor-proxy', () => {
  const offline = () => {
    mkdirSync(join(folder, 'tor'), { recursive: true });
    // Never the public network in a test.
    writeFileSync(join(folder, 'tor/off.conf'), 'DisableNetwork 1\n');
    chmodSync(join(folder, 'tor'), 0o755);
    return ['--volume', `${join(folder, 'tor')}:/etc/tor/conf.d:ro`];
  };

  it('is controlled with the password alone, and is what its configuration says', async () => {
    const hashed = `HashedControlPassword ${hashControlPassword('a password', randomBytes(8))}\n`;
    const { name, address } = await start('tor', 'tor-proxy', [
      ...secret('tor_control', hashed),
      ...offline(),
    ]);
    expect(await talk(address, 9051, 'GETCONF SocksPort\r\n')).toMatch(/^514 Authentication required/);
    expect(await talk(address, 9051, 'AUTHENTICATE "wrong"\r\n')).toMatch(/^515 /);
    const asked = ['SocksPort', 'ControlPort', 'ClientOnly', 'DataDirectory', 'DisableNetwork'].join(' ');
    const said = await talk(address, 9051, `AUTHENTICATE "a password"\r\nGETCONF ${asked}\r\nQUIT\r\n`);
    expect(said).toContain('SocksPort=0.0.0.0:9050 IsolateSOCKSAuth ExtendedErrors');
    expect(said).toContain('ControlPort=0.0.0.0:9051');
    expect(said).toContain('ClientOnly=1');
    expect(said).toContain('DisableNetwork=1');
    await docker(['stop', name]);
    expect(await stateOf(name)).toMatchObject({ status: 'exited', exitCode: 0 });
  });

  it('does not start without the hash of a password', () => {
    const { status, said } = fails('tor-proxy', offline());
    expect(status).not.toBe(0);
    expect(said).toContain(
      'Error reading included configuration file or directory: "/run/secrets/tor_control"',
    );
  });
});

describePrograms('mongodb', 'the image of mongodb')('mongodb', () => {
  const settings = (password: string) => [
    ...secret('mongo_password', `${password}\n`),
    ...['--env', 'MONGO_INITDB_ROOT_USERNAME=lucid'],
    ...['--env', 'MONGO_INITDB_ROOT_PASSWORD_FILE=/run/secrets/mongo_password'],
  ];
  const clientOf = (address: string, user: string) =>
    new MongoClient(`mongodb://${user}${address}:27017/lucid?authSource=admin`, {
      serverSelectionTimeoutMS: 10_000,
    });

  it('lets in who knows the password, nobody else, and keeps what was acknowledged through a kill', async () => {
    const { name, address } = await start('mongo', 'mongodb', settings('a-password'));
    const client = clientOf(address, 'lucid:a-password@');
    const stranger = clientOf(address, '');
    const wrong = clientOf(address, 'lucid:another@');
    try {
      const rows = client
        .db()
        .collection<{ _id: string; v: number }>('rows', { writeConcern: { w: 'majority', journal: true } });
      await rows.insertOne({ _id: 'kept', v: 1 });
      await expect(stranger.db('lucid').collection('rows').findOne({})).rejects.toThrow(
        /authentication|authenticate/i,
      );
      await expect(stranger.db('lucid').collection('rows').insertOne({ v: 2 })).rejects.toThrow(
        /authentication|authenticate/i,
      );
      await expect(wrong.db('lucid').collection('rows').findOne({})).rejects.toThrow(/authentication/i);
      // Of many that compare and set the same version, one wins.
      const race = Array.from({ length: 20 }, () =>
        rows.updateOne({ _id: 'kept', v: 1 }, { $set: { v: 2 } }),
      );
      const won = (await Promise.all(race)).reduce((sum, { modifiedCount }) => sum + modifiedCount, 0);
      expect(won).toBe(1);
      await docker(['kill', name]);
      await docker(['start', name]);
      await whenHealthy(name);
      expect(await rows.findOne({ _id: 'kept' })).toEqual({ _id: 'kept', v: 2 });
    } finally {
      await Promise.all([client, stranger, wrong].map((each) => each.close()));
    }
  });

  it('says by its label and in its log what it is', async () => {
    const label = await docker([
      'image',
      'inspect',
      '--format',
      '{{index .Config.Labels "org.lucid.mongodb"}}',
      imageOf('mongodb'),
    ]);
    expect(label).toMatch(/^(ferretdb-1\.24\.2|mongo:7.*)$/);
    if (!label.startsWith('ferretdb-')) return;
    const [first = ''] = (await docker(['logs', `${run}-mongo`])).split('\n');
    expect(JSON.parse(first)).toMatchObject({
      msg: expect.stringMatching(/^stand-in for mongo:7: FerretDB v1\.24\.2/),
    });
  });

  it('says which setting, file or permission it lacks', () => {
    expect(fails('mongodb').said).toMatch(
      /MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD_FILE are to be set/,
    );
    const named = settings('x').filter((word) => !/^--volume$|:ro$/.test(word));
    expect(fails('mongodb', named).said).toMatch(
      /MONGO_INITDB_ROOT_PASSWORD_FILE names a file that cannot be read/,
    );
    expect(fails('mongodb', settings('')).said).toMatch(/which is empty/);
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o555);
    const { status, said } = fails('mongodb', [...settings('x'), '--volume', `${data}:/data/db`]);
    expect(status).toBe(1);
    expect(said).toMatch(/nothing can be written to \/data\/db, give that volume to user 1000/);
  });
});

const noSsh = spawnSync('ssh', ['-V']).status === 0 ? null : "ssh (Debian's openssh-client) is not installed";

describeWhere(why ?? noSsh ?? whyNoImages([imageOf('infrastructure-dev')]), 'the image for development')(
  'infrastructure-dev',
  () => {
    const key = join(folder, 'key');

    /** A command in the container, over SSH. */
    async function ssh(address: string, options: readonly string[], command: string) {
      const none = [
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
        '-o',
        'BatchMode=yes',
      ];
      const child = spawn('ssh', ['-p', '2222', ...none, ...options, `lucid@${address}`, command]);
      const closed = once(child, 'close');
      const [out, said] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
      const [code] = await closed;
      return { code, out: String(out).trim(), said: String(said) };
    }

    it('lets in a key, no password and no other key, and has what development needs', async () => {
      for (const each of [key, `${key}-other`])
        spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', each]);
      const { name, address } = await start('dev', 'infrastructure-dev', [
        ...['--env', `DEV_AUTHORIZED_KEYS=${readFileSync(`${key}.pub`, 'utf8').trim()}`],
        ...['--volume', '/var/run/docker.sock:/var/run/docker.sock'],
        ...[
          '--group-add',
          spawnSync('stat', ['-c', '%g', '/var/run/docker.sock'], { encoding: 'utf8' }).stdout.trim(),
        ],
      ]);
      const withKey = ['-i', key, '-o', 'IdentitiesOnly=yes'];
      const command =
        'node -p 40+2; npm --version; git --version; tor --version; id -u; docker version --format {{.Server.Version}}';
      const { out } = await ssh(address, withKey, command);
      const server = await docker(['version', '--format', '{{.Server.Version}}']);
      expect(out.split('\n')).toEqual(expect.arrayContaining(['42', '10.9.9', '1000', server]));
      expect(out).toMatch(/git version 2\..*Tor version 0\.4/s);
      const refused = { code: 255, said: expect.stringContaining('Permission denied (publickey)') };
      expect(await ssh(address, ['-o', 'PubkeyAuthentication=no'], 'true')).toMatchObject(refused);
      expect(await ssh(address, ['-i', `${key}-other`, '-o', 'IdentitiesOnly=yes'], 'true')).toMatchObject(
        refused,
      );
      expect((await ssh(address, withKey, 'touch /usr/bin/x')).said).toContain('Read-only file system');
      const host = await ssh(address, withKey, 'cat .ssh/host/ed25519.pub');
      await docker(['restart', name]);
      await whenHealthy(name);
      // The key of the host and who may log in are in the volume.
      expect(await ssh(address, withKey, 'cat .ssh/host/ed25519.pub')).toEqual(host);
    });

    it('says what is wrong with a key', () => {
      const { status, said } = fails('infrastructure-dev', ['--env', 'DEV_AUTHORIZED_KEYS=not a key']);
      expect(status).toBe(1);
      expect(said).toMatch(/DEV_AUTHORIZED_KEYS has a line that is no public key of SSH/);
    });
  },
);
