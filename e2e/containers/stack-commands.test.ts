/** The stack by the command line: up, doctor, a recording and its evidence, down; and an up that fails. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { containerOf } from '../stack/compose-containers.ts';
import { type Check, ComposeFolder } from '../stack/compose-folder.ts';
import { servicesOf, whyNoComposeStack } from '../stack/compose-settings.ts';
import { docker, stateOf, whyNoDocker, whyNoImages } from '../stack/docker.ts';
import { freePorts } from '../stack/free-ports.ts';
import { runVerify } from '../stack/run-verify.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const ROOT = join(__dirname, '../..');
const FILE = 'layer1.yaml';
const NODE = `${process.env.LUCID_REGISTRY ?? 'pickme/lucid'}:base`;

interface Told {
  readonly ready: boolean;
  readonly services: readonly string[];
  readonly gateway: string;
  readonly certificateSha256: string;
  readonly database: string;
  readonly adminCode: string;
  readonly recorderKey: string;
  readonly ledgerKey: string;
  readonly readyMs: number;
}

const CONTAINER_USER = 1000;
/** Who can give folders to the containers' user keeps data in one, others in volumes. */
const givesFolders = [0, CONTAINER_USER].includes(process.getuid?.() ?? -1);

function dataFolder(folder: string): Record<string, string> {
  if (!givesFolders) return {};
  const LUCID_DATA = join(folder, 'data');
  mkdirSync(LUCID_DATA);
  return { LUCID_DATA };
}

describeWhere(whyNoComposeStack({ file: 'layer1' }), 'the stack by the command line')(
  'lucid --compose',
  () => {
    let stack: ComposeFolder;
    let env: Record<string, string>;
    let told: Told;
    beforeAll(async () => {
      stack = new ComposeFolder(ROOT);
      const [port] = await freePorts(1);
      env = { LUCID_API_GATEWAY_PORT: String(port), LUCID_PULL: 'never', ...dataFolder(stack.folder) };
      const up = stack.told<Told>('up', FILE, { env });
      if (up.status !== 0) throw new Error(`up ended with ${up.status}: ${up.stderr}`);
      told = up.json;
      process.stderr.write(
        `layers 0 and 1: ${told.services.length} services healthy after ${told.readyMs} ms\n`,
      );
    }, 300_000);
    afterAll(() => stack?.remove(), 120_000);

    const lucid = (...args: string[]) => stack.lucid(args, env);

    it('comes up whole, and says where it is, what its database is, and how to become its administrator', () => {
      expect([...told.services].sort()).toEqual([...servicesOf({ file: 'layer1' })].sort());
      expect(told).toMatchObject({
        ready: true,
        gateway: `https://localhost:${env.LUCID_API_GATEWAY_PORT}`,
        certificateSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        database: expect.stringMatching(/^(mongo:7|ferretdb-)/),
        adminCode: expect.stringMatching(/^[\w-]{20,}$/),
        recorderKey: stack.env.LUCID_RECORDER_VERIFIER_KEY,
      });
    });

    it('is sound for doctor, which names each service', () => {
      const { json, status } = stack.told<{ ok: boolean; checks: Check[] }>('doctor', FILE, { env });
      expect([status, json.ok]).toEqual([0, true]);
      for (const name of told.services)
        expect(json.checks).toContainEqual({
          name,
          status: 'ok',
          text: expect.stringMatching(/^healthy, \S+ of \d+ MiB$/),
        });
    });

    it('says the same again where it runs already, and starts nothing anew', async () => {
      const before = (await stateOf(containerOf('redis'))).startedAt;
      const again = stack.told<Told>('up', FILE, { env });
      expect([again.status, again.json.gateway]).toEqual([0, told.gateway]);
      expect((await stateOf(containerOf('redis'))).startedAt).toBe(before);
    });

    it('lets its administrator register with the code, through the published gateway', () => {
      const again = stack.told<Told>('up', FILE, { env });
      lucid('keys', 'tron');
      const { gateway, certificateSha256, adminCode } = again.json;
      const run = lucid(
        ...['--host', gateway, 'register', '--json', '--code', adminCode, '--fingerprint', certificateSha256],
      );
      expect([run.status, run.stderr]).toEqual([0, expect.any(String)]);
      expect(stack.told<Told>('up', FILE, { env }).json).not.toHaveProperty('adminCode');
    });

    it('records, lists, shows, takes out and verifies', () => {
      const run = lucid('record', '--compose', '--json', '--', 'sh', '-c', 'echo through containers');
      const line = run.stdout.trimEnd().split('\n').at(-1) ?? '';
      const session = JSON.parse(line.slice(line.indexOf('{'))) as { sessionId: string; bundle: string };
      expect([run.status, session]).toEqual([
        0,
        expect.objectContaining({ verified: true, anchored: true, closed: 'ended', exitStatus: 0 }),
      ]);
      const { sessionId, bundle } = session;
      expect(JSON.parse(lucid('list', '--compose', '--json').stdout).sessions).toMatchObject([
        { sessionId, state: 'completed', bundle },
      ]);
      expect(JSON.parse(lucid('show', '--compose', '--json', sessionId.slice(0, 8)).stdout)).toMatchObject({
        sessionId,
        anchored: true,
      });
      const verified = lucid('verify', '--compose', '--json', sessionId);
      expect([verified.status, JSON.parse(verified.stdout)]).toMatchObject([
        0,
        { ok: true, summary: { recorderPinned: true } },
      ]);
      const out = join(stack.folder, 'out.lucid');
      expect(lucid('export', '--compose', sessionId, '-o', out).status).toBe(0);
      expect(readFileSync(out).equals(readFileSync(bundle))).toBe(true);
      const keys = { recorder: told.recorderKey, ledger: told.ledgerKey };
      expect(runVerify(ROOT, out, keys)).toMatchObject({ status: 0 });
      expect(lucid('open', out, '-o', '-').stdout).toContain('through containers');
    });

    it('says of a session that there is none, and what to call to see them', () => {
      const run = lucid('verify', '--compose', 'abcd');
      expect([run.status, run.stderr]).toEqual([3, expect.stringContaining('no session begins with abcd')]);
    });

    it('names what is down and what others lack then', async () => {
      await docker(['stop', containerOf('mongodb')]);
      const about = (name: string) => stack.findings(name, FILE, env)[0];
      await until(
        'session-api says what it lacks',
        async () => about('session-api')?.text.includes('lacks') ?? false,
      );
      expect(about('mongodb')).toMatchObject({
        status: 'fail',
        text: expect.stringMatching(/^exited, ended with status 0$/),
        advice: expect.stringContaining('docker logs --tail 20 lucid_mongo'),
      });
      expect(about('session-api')).toMatchObject({
        status: 'fail',
        text: expect.stringMatching(/it lacks: \S+/),
      });
      expect(lucid('list', '--compose').status).toBe(1);
      expect(stack.told<Told>('up', FILE, { env }).status).toBe(0);
    }, 180_000);

    it('goes down with all of it, keeps what it kept, and says the same twice', async () => {
      const down = stack.told<{ ended: number }>('down', FILE, { env });
      expect([down.status, down.json.ended]).toEqual([0, told.services.length]);
      expect(
        await docker(['ps', '-aq', '--filter', `label=com.docker.compose.project=${stack.project}`]),
      ).toBe('');
      if (env.LUCID_DATA) {
        expect(readdirSync(join(env.LUCID_DATA, 'mongodb_data'))).not.toEqual([]);
        for (const name of readdirSync(env.LUCID_DATA))
          expect([name, statSync(join(env.LUCID_DATA, name)).uid]).toEqual([name, CONTAINER_USER]);
      }
      const volumes = await docker(['volume', 'ls', '-q', '--filter', `name=${stack.project}_`]);
      expect(volumes.includes(`${stack.project}_mongodb_data`)).toBe(!env.LUCID_DATA);
      expect(stack.told<{ ended: number }>('down', FILE, { env }).json.ended).toBe(0);
      const recording = lucid('record', '--compose', '--', 'true');
      expect([recording.status, recording.stderr]).toEqual([
        1,
        expect.stringContaining('no stack runs on this machine'),
      ]);
    });
  },
);

describeWhere(whyNoDocker() ?? whyNoImages([NODE]), 'a stack that does not come up')(
  'an up that fails',
  () => {
    let stack: ComposeFolder;
    beforeAll(() => {
      stack = new ComposeFolder(ROOT);
    });
    afterAll(() => stack?.remove());

    it.each([
      [
        'ends at once',
        `command: ['-e', 'console.error("no room here"); process.exit(3)']`,
        /a ended with status 3 \(no room here\); see: docker logs/,
      ],
      [
        'is never healthy',
        `command: ['-e', 'setInterval(() => {}, 1000)']\n    healthcheck: {test: ['CMD', '/usr/bin/lucid-health', 'tcp:127.0.0.1:9'], interval: 1s, retries: 1, start_period: 0s}`,
        /a is unhealthy \(.+\); see: docker logs/,
      ],
    ])('names the service that %s, and why', (_what, how, says) => {
      stack.write('small.yaml', `services:\n  a:\n    image: ${NODE}\n    ${how}\n`);
      const run = stack.told<{ error: string }>('up', 'small.yaml');
      expect([run.status, run.json.error, run.stderr]).toEqual([
        1,
        'stack_failed',
        expect.stringMatching(says),
      ]);
      expect(stack.told('down', 'small.yaml').status).toBe(0);
    });
  },
);
