/** The stock `age` program (Debian package `age`) as judge, both ways. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import {
  formatIdentityFile,
  generateIdentity,
  openIdentityFile,
  parseIdentityFile,
  sealIdentityFile,
  unwrapSessionKey,
  wrapSessionKey,
} from '../src/index.ts';

const missing = ['age', 'age-keygen'].filter(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);
if (missing.length > 0) {
  const why = `the stock programs ${missing.join(', ')} are not installed (Debian package age)`;
  if (process.env.CI) throw new Error(`CI must judge by stock age: ${why}`);
  console.warn(`skipped: ${why}`);
}

/** Runs a program that insists on a terminal, answering each prompt in turn. */
function runOnTerminal(
  program: string,
  args: readonly string[],
  answers: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const rest = [...answers];
    let screen = '';
    let seen = 0;
    const terminal = spawn(program, [...args], { cols: 200, rows: 20 });
    terminal.onData((text) => {
      screen += text;
      const prompts = screen.match(/(?:Enter|Confirm) passphrase[^:]*: /g)?.length ?? 0;
      for (; seen < prompts && rest.length > 0; seen += 1) terminal.write(`${rest.shift()}\r`);
    });
    terminal.onExit(({ exitCode }) => {
      if (exitCode === 0) resolve(screen);
      else reject(new Error(`${program} ended with ${exitCode}: ${screen}`));
    });
  });
}

(missing.length > 0 ? describe.skip : describe)('stock age', () => {
  const key = Uint8Array.from({ length: 32 }, (_, at) => 255 - at);
  let folder: string;
  const path = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-age-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('opens a wrapped key with an identity file of ours', async () => {
    const pair = await generateIdentity();
    writeFileSync(path('ours.txt'), formatIdentityFile({ ...pair, createdAt: '2030-01-01T00:00:00Z' }));
    writeFileSync(path('wrapped.age'), await wrapSessionKey(key, pair.recipient));
    const opened = execFileSync('age', ['-d', '-i', path('ours.txt'), path('wrapped.age')]);
    expect(new Uint8Array(opened)).toEqual(key);
    expect(execFileSync('age-keygen', ['-y', path('ours.txt')], { encoding: 'utf8' }).trim()).toBe(
      pair.recipient,
    );
  });

  it('makes identities and wrapped keys that we read', async () => {
    execFileSync('age-keygen', ['-o', path('theirs.txt')], { stdio: 'pipe' });
    const [pair] = await parseIdentityFile(readFileSync(path('theirs.txt'), 'utf8'));
    if (!pair) throw new Error('age-keygen wrote no identity');
    const wrapped = execFileSync('age', ['-r', pair.recipient], { input: key });
    expect(await unwrapSessionKey(wrapped, [pair.identity])).toEqual(key);
    const stranger = await generateIdentity();
    expect(await unwrapSessionKey(wrapped, [stranger.identity])).toBeNull();
  });

  it('opens an identity file that we protected with a passphrase', async () => {
    const pair = await generateIdentity();
    const text = formatIdentityFile({ ...pair, createdAt: '2030-01-01T00:00:00Z' });
    writeFileSync(
      path('sealed.age'),
      await sealIdentityFile(text, { passphrase: 'open sesame', workFactor: 10 }),
    );
    await runOnTerminal('age', ['-d', '-o', path('unsealed.txt'), path('sealed.age')], ['open sesame']);
    expect(readFileSync(path('unsealed.txt'), 'utf8')).toBe(text);
  });

  it('protects an identity file that we open', async () => {
    writeFileSync(path('plain.txt'), '# secret things\n');
    await runOnTerminal(
      'age',
      ['-p', '-o', path('p.age'), path('plain.txt')],
      ['tell nobody', 'tell nobody'],
    );
    const sealed = readFileSync(path('p.age'));
    expect(await openIdentityFile(sealed, 'tell nobody')).toBe('# secret things\n');
  });
});
