import fc from 'fast-check';
import { createLog } from './log.ts';

const logged = (write: (log: ReturnType<typeof createLog>) => void): string => {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  write(createLog({ level: 'debug', destination }));
  return text;
};

const names = [
  'authorization',
  'cookie',
  'Set-Cookie',
  'apiKey',
  'SECRET',
  'accessToken',
  'identity',
  'passphrase',
  'mnemonic',
  'sessionKeyHex',
  'password',
  'totp',
  'recoveryCodes',
  'invitation',
];

it.each(names)('hides a field named %s, wherever it stands', (name) => {
  const text = logged((log) => {
    log.info({ [name]: 'hunter2' }, 'x');
    log.info({ a: { b: [{ [name]: { deep: 'hunter2' } }] } });
    log.child({ [name]: 'hunter2' }).warn('x');
    log.error({
      err: new Error('failed', { cause: Object.assign(new Error('x'), {}) }),
      request: { headers: { [name]: 'hunter2' } },
    });
  });
  expect(text).not.toContain('hunter2');
  expect(text).toContain('[redacted]');
});

it.each([
  'eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJvcGVyYXRvciJ9.AAAAAAAAAAAAAAAA',
  'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ',
  'otpauth://totp/Lucid:TAddress?secret=JBSWY3DPEHPK3PXP&issuer=Lucid',
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----',
])('hides what looks like a credential in texts, messages and errors: %s', (credential) => {
  const text = logged((log) => {
    log.info({ note: `it is ${credential}!` }, `sent ${credential}`);
    log.info(`alone ${credential}`);
    log.error({ err: new Error(`bad ${credential}`, { cause: new Error(credential) }) });
  });
  expect(text).not.toContain(credential.slice(12, 40));
});

it('keeps what is not secret', () => {
  const line = JSON.parse(
    logged((log) =>
      log.info(
        { publicKey: 'abc', keyId: 'k', sizeBytes: 3, at: new Date(0), big: 5n, data: Buffer.from('xyz') },
        'hello',
      ),
    ),
  );
  expect(line).toMatchObject({
    publicKey: 'abc',
    keyId: 'k',
    sizeBytes: 3,
    big: '5',
    data: '[3 bytes]',
    msg: 'hello',
    level: 'info',
  });
});

it('writes one line of JSON whatever it is given', () => {
  fc.assert(
    fc.property(
      fc.object({ maxDepth: 8, withBigInt: true, withDate: true, withTypedArray: true }),
      (fields) => {
        const text = logged((log) => log.info(fields as object, 'x'));
        expect(text.endsWith('\n')).toBe(true);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        JSON.parse(text);
      },
    ),
  );
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  JSON.parse(logged((log) => log.info(circle)));
});
