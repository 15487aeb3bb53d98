import {
  formatIdentityFile,
  generateIdentity,
  isRecipientError,
  isSealedIdentityFile,
  openIdentityFile,
  parseIdentityFile,
  sealIdentityFile,
} from './index.ts';

const createdAt = '2030-01-02T03:04:05Z';
const quick = { passphrase: 'correct horse', workFactor: 8 };

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isRecipientError(error)) return error.code;
    throw error;
  }
  return 'no error';
};

describe('identity files', () => {
  it('are written as age-keygen writes them', async () => {
    const pair = await generateIdentity();
    expect(formatIdentityFile({ ...pair, createdAt })).toBe(
      `# created: ${createdAt}\n# public key: ${pair.recipient}\n${pair.identity}\n`,
    );
  });

  it('a comment cannot break out of its line', async () => {
    const pair = await generateIdentity();
    const text = formatIdentityFile({ ...pair, createdAt, comments: ['one\nAGE-SECRET-KEY-1NOT'] });
    expect(await parseIdentityFile(text)).toEqual([pair]);
  });

  it('are read with comments, empty lines, several identities and CRLF', async () => {
    const [one, two] = [await generateIdentity(), await generateIdentity()];
    const text = `# mine\r\n\r\n${one.identity}\r\n  # public key: age1nonsense\r\n${two.identity}`;
    expect(await parseIdentityFile(text)).toEqual([one, two]);
  });

  it.each([
    ['nothing', ''],
    ['comments only', '# created: then\n'],
    ['a recipient', 'age1qqqq\n'],
    ['text', 'hello\n'],
    ['too much', `#${'x'.repeat(1_048_577)}`],
  ])('%s is refused', async (_name, text) => {
    expect(await codeOf(parseIdentityFile(text))).toBe('identity_file_invalid');
  });

  it('a refused file is told by line, not by content', async () => {
    const { identity } = await generateIdentity();
    const error = await parseIdentityFile(`# a\n${identity.slice(0, -1)}\n`).catch((caught: Error) => caught);
    expect((error as Error).message).toContain('line 2');
    expect((error as Error).message).not.toContain(identity.slice(20, 30));
  });
});

describe('identity files under a passphrase', () => {
  it('open with it and with no other', async () => {
    const sealed = await sealIdentityFile('# the text\n', quick);
    expect(isSealedIdentityFile(sealed)).toBe(true);
    expect(await openIdentityFile(sealed, quick.passphrase)).toBe('# the text\n');
    expect(await openIdentityFile(sealed, 'wrong horse')).toBeNull();
  });

  it('open when armored', async () => {
    const { armor } = await import('age-encryption');
    const armored = new TextEncoder().encode(armor.encode(await sealIdentityFile('# a\n', quick)));
    expect(isSealedIdentityFile(armored)).toBe(true);
    expect(await openIdentityFile(armored, quick.passphrase)).toBe('# a\n');
    const broken = new TextEncoder().encode('-----BEGIN AGE ENCRYPTED FILE-----\n!\n');
    expect(await codeOf(openIdentityFile(broken, 'x'))).toBe('age_damaged');
  });

  it('are refused where they are no sound age file', async () => {
    const sealed = await sealIdentityFile('# a\n', quick);
    const flipped = sealed.slice();
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
    expect(await codeOf(openIdentityFile(flipped, quick.passphrase))).toBe('age_damaged');
    expect(await codeOf(openIdentityFile(new TextEncoder().encode('# plain\n'), 'x'))).toBe('age_damaged');
    expect(isSealedIdentityFile(new TextEncoder().encode('# plain\n'))).toBe(false);
  });

  it('are refused, without the work, where they ask for too much of it', async () => {
    const text = Buffer.from(await sealIdentityFile('# a\n', quick)).toString('latin1');
    const greedy = Buffer.from(text.replace(/(-> scrypt \S+) 8/, '$1 30'), 'latin1');
    expect(await codeOf(openIdentityFile(greedy, quick.passphrase))).toBe('work_factor_too_high');
  });

  it('need a passphrase', async () => {
    await expect(sealIdentityFile('', { passphrase: '' })).rejects.toThrow(RangeError);
  });

  it('that hold no text are refused', async () => {
    const { Encrypter } = await import('age-encryption');
    const encrypter = new Encrypter();
    encrypter.setPassphrase('p');
    encrypter.setScryptWorkFactor(8);
    const sealed = await encrypter.encrypt(Uint8Array.of(0xff, 0xfe));
    expect(await codeOf(openIdentityFile(sealed, 'p'))).toBe('identity_file_invalid');
  });
});
