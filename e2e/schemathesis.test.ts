/**
 * schemathesis (PyPI) against every service that is reached through the gateway, as an administrator, from the documents that users read:
 * no 5xx, and no answer that the documents do not tell of.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticationContract } from '@lucid/contracts';
import { AccessHost } from './stack/access-host.ts';
import { seedOfRun } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const program = process.env.LUCID_SCHEMATHESIS ?? 'schemathesis';
const found = spawnSync(program, ['--version'], { encoding: 'utf8' }).status === 0;
const why = found
  ? null
  : 'schemathesis is not there: pip install schemathesis, or name it in LUCID_SCHEMATHESIS';

/** Parts of the merged document, each on an account of its own: the limits of the gateway hold here, too. */
const PARTS = [
  { paths: '^/api/v1/(auth|users)', without: '/auth/(challenge|register|login|refresh)$', waits: true },
  {
    paths: '^(/api/v1/auth/(challenge|register|login|refresh)|/[.]well-known/)',
    without: '^$',
    waits: false,
  },
  { paths: '^/api/v1/sessions(/[^/]+)?$', without: '^$', waits: true },
  { paths: '^/api/v1/(sessions/.*/|storage|trust)', without: '/events$', waits: true },
  { paths: '^/api/v1/app/', without: '^$', waits: true },
  { paths: '^/(docs|openapi)', without: '^$', waits: true },
] as const;
const EXAMPLES = Number(process.env.LUCID_SCHEMATHESIS_EXAMPLES ?? 8);
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** They end the very login that asks. */
const LEFT_OUT = ['authentication.logout', 'authentication.putUserRole', 'authentication.putUserStatus'];
const seed = seedOfRun('schemathesis');

const folder = mkdtempSync(join(tmpdir(), 'lucid-schemathesis-'));
const document = join(folder, 'lucid.json');

describeWhere(why, 'the API by schemathesis')('through the gateway', () => {
  let host: AccessHost;
  beforeAll(async () => {
    host = await AccessHost.start(join(__dirname, '..'));
    const { accessToken } = await host.superAdmin();
    const answer = await fetch(`${host.ready.gateway}/openapi/lucid.json`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status).toBe(200);
    writeFileSync(document, await answer.text());
  }, 60_000);
  afterAll(async () => {
    await host.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What it found; empty where all held. */
  async function judge({ paths, without, waits }: (typeof PARTS)[number]): Promise<string> {
    const user = await host.user('ADMIN');
    const admin = host.clientOf(authenticationContract, { token: user.accessToken });
    const { token } = await admin.createApiToken({
      body: { name: 'schemathesis', scope: 'full', expiresInSeconds: 3600 },
    });
    const { status, text } = await run([
      ...['run', document, '--url', host.ready.gateway, '--header', `Authorization: Bearer ${token}`],
      ...['--checks', CHECKS.join(','), '--phases', 'examples,coverage,fuzzing'],
      ...['--max-examples', String(EXAMPLES), '--seed', String(seed)],
      ...['--request-timeout', '30', '--no-shrink', '--suppress-health-check', 'all', '--warnings', 'off'],
      ...['--include-path-regex', paths, '--exclude-path-regex', without],
      ...(waits ? ['--rate-limit', '900/m'] : []),
      ...LEFT_OUT.flatMap((id) => ['--exclude-operation-id', id]),
    ]);
    return status === 0 ? '' : `${paths}: schemathesis ended with ${status}\n${text.slice(-12_000)}`;
  }

  // At once: each waits for the limits of its own account.
  test('no 5xx, no contract violation', async () => {
    const found = await Promise.all(PARTS.map(judge));
    if (found.some(Boolean)) throw new Error(found.filter(Boolean).join('\n\n'));
  }, 600_000);
});

function run(args: readonly string[]): Promise<{ status: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', COLUMNS: '160' },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        text += part.toString();
      });
    child.once('close', (status) => resolve({ status, text }));
  });
}
