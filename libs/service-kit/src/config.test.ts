import { Type } from 'typebox';
import { ConfigError, type Environment, loadConfig, secret } from './config.ts';

const schema = Type.Object({
  URL: Type.String({ pattern: '^mongodb://', description: 'address of the store' }),
  LIMIT: Type.Integer({ default: 5, minimum: 1, maximum: 9 }),
  STRICT: Type.Boolean({ default: false }),
  MODE: Type.Union([Type.Literal('fast'), Type.Literal('safe')], { default: 'safe' }),
  NOTE: Type.Optional(Type.String()),
  PASSWORD: secret(Type.String({ minLength: 8 })),
});
const good = { URL: 'mongodb://a', PASSWORD: 'correct horse' };
const files: Record<string, string> = { '/run/password': 'from a file\n' };
const readFile = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
  return text;
};
const load = (environment: Environment) => loadConfig({ service: 'notes', schema, environment, readFile });

const faultsOf = (environment: Environment): ConfigError => {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('no fault found');
};

it('types what is set and fills the rest', () => {
  expect(load({ ...good, LIMIT: '7', STRICT: 'true', MODE: 'fast', OTHER: 'x', NOTE: '' })).toEqual({
    ...good,
    LIMIT: 7,
    STRICT: true,
    MODE: 'fast',
  });
  expect(load(good)).toMatchObject({ LIMIT: 5, STRICT: false, MODE: 'safe' });
});

it('reads a secret from its file, and only a secret', () => {
  expect(load({ URL: good.URL, PASSWORD_FILE: '/run/password' }).PASSWORD).toBe('from a file');
  expect(
    faultsOf({ URL_FILE: '/run/password', PASSWORD: good.PASSWORD }).faults.map((each) => each.variable),
  ).toEqual(['URL']);
});

it('lists every fault at once, by name, without a value', () => {
  const error = faultsOf({
    URL: 'http://wrong',
    LIMIT: '10',
    STRICT: 'yes',
    MODE: 'slow',
    PASSWORD: 'hunter2',
  });
  expect(error.faults.map((each) => each.variable)).toEqual(['URL', 'LIMIT', 'STRICT', 'MODE', 'PASSWORD']);
  expect(error.message).not.toMatch(/hunter2|wrong|slow|yes/);
  expect(error.message).toContain('address of the store');
  expect(error.message).toContain('one of fast, safe');
  expect(error.message).toContain('from 1 to 9');
});

it('says how to set what is missing', () => {
  const { faults } = faultsOf({});
  expect(faults).toEqual([
    { variable: 'URL', expected: expect.any(String), hint: 'set URL' },
    { variable: 'PASSWORD', expected: expect.any(String), hint: expect.stringContaining('PASSWORD_FILE') },
  ]);
});

it('refuses a file that cannot be read, and both forms at once', () => {
  const unreadable = faultsOf({ URL: good.URL, PASSWORD_FILE: '/missing' });
  expect(unreadable.faults).toEqual([
    { variable: 'PASSWORD_FILE', expected: 'a file that can be read (ENOENT)', hint: expect.any(String) },
  ]);
  expect(faultsOf({ ...good, PASSWORD_FILE: '/run/password' }).faults).toHaveLength(1);
});

it.each(['1e3', '0x5', ' 5', '5.5', 'NaN', '05', '∞'])('does not take %j for an integer', (text) => {
  expect(faultsOf({ ...good, LIMIT: text }).faults.map((each) => each.variable)).toEqual(['LIMIT']);
});
