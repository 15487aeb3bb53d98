import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { root } from '../download.mjs';

const substitute = (name: string) => join(root, 'tools/images/substitutes', name);
const folder = mkdtempSync(join(tmpdir(), 'lucid-substitutes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (code: string) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', cwd: root }).trim();

describe("Node's own URL in place of whatwg-url", () => {
  interface Parser {
    default: new (
      text: string,
    ) => {
      hosts: string[];
      username: string;
      password: string;
      pathname: string;
      isSRV: boolean;
      searchParams: Iterable<[string, string]>;
      redact(): { toString(): string };
      toString(): string;
    };
  }
  let ours: Parser;
  const theirs: Parser = createRequire(join(root, 'package.json'))('mongodb-connection-string-url');

  beforeAll(async () => {
    const outfile = join(folder, 'parser.cjs');
    const entry = createRequire(join(root, 'package.json')).resolve('mongodb-connection-string-url');
    const options = { bundle: true, platform: 'node', format: 'cjs', outfile } as const;
    await build({ ...options, entryPoints: [entry], alias: { 'whatwg-url': substitute('whatwg-url.mjs') } });
    ours = createRequire(join(root, 'package.json'))(outfile);
  });

  const read = ({ default: ConnectionString }: Parser, text: string) => {
    try {
      const url = new ConnectionString(text);
      const { hosts, username, password, pathname, isSRV, searchParams } = url;
      const redacted = url.redact().toString();
      return {
        hosts,
        username,
        password,
        pathname,
        isSRV,
        parameters: [...searchParams],
        redacted,
        text: url.toString(),
      };
    } catch (error) {
      return (error as Error).name;
    }
  };

  test.each([
    'mongodb://mongodb:27017/lucid',
    'mongodb://lucid:p%40ss%2Fword@mongodb:27017/lucid?authSource=admin',
    'mongodb://a,b:1,c:27019/?replicaSet=rs0&tls=true',
    'mongodb+srv://u:p@cluster0.example.net/db?retryWrites=true&w=majority',
    'mongodb://[::1]:27017,127.0.0.1/',
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/db',
    'mongodb://ünï.example/db',
    'mongodb://user:@host',
    'mongodb://user name:p@host',
    'mongodb://host:port/',
    'mongodb://',
    'redis://host',
    'mongodb://h/?a=b&a=c&%20=+',
  ])('reads %s alike', (text) => {
    expect(read(ours, text)).toEqual(read(theirs, text));
  });

  test('reads any of them alike', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9._~%@:/?&=+ ü-]{0,12}$/);
    let understood = 0;
    fc.assert(
      fc.property(word, word, word, word, (user, host, path, query) => {
        const text = `mongodb://${user ? `${encodeURIComponent(user)}:x@` : ''}${host}/${path}?${query}`;
        const result = read(theirs, text);
        if (typeof result !== 'string') understood++;
        expect(read(ours, text)).toEqual(result);
      }),
      { numRuns: 500 },
    );
    expect(understood).toBeGreaterThan(20);
  });
});

test("undici's parts are the same as its index gives, and work without it", () => {
  const url = pathToFileURL(substitute('undici.mjs')).href;
  const compare = `
    import * as whole from 'undici';
    import * as parts from '${url}';
    const { Agent, buildConnector, Dispatcher, Pool } = whole;
    console.log(parts.Agent === Agent, parts.Pool === Pool, parts.Dispatcher === Dispatcher, parts.buildConnector === buildConnector);`;
  expect(ask(compare)).toBe('true true true true');
  const use = `
    import { createServer } from 'node:http';
    import { Agent, Pool } from '${url}';
    const server = createServer((request, response) => response.end(request.method + request.url)).listen(0, '127.0.0.1', async () => {
      const origin = 'http://127.0.0.1:' + server.address().port;
      for (const dispatcher of [new Agent(), new Pool(origin)]) {
        const { statusCode, body } = await dispatcher.request({ origin, path: '/x', method: 'GET' });
        console.log(statusCode, await body.text());
        await dispatcher.close();
      }
      server.close();
    });`;
  expect(ask(use)).toBe('200 GET/x\n200 GET/x');
});

test('what is not in an image says so', async () => {
  const message = (name: string, call: string) =>
    ask(`
      import * as it from '${pathToFileURL(substitute(name)).href}';
      try { await ${call} } catch (error) { console.log(error.message) }`);
  expect(message('store-lmdb.mjs', 'it.openLmdbStore()')).toMatch(
    /no embedded document store; set MONGO_URL/,
  );
  expect(message('credential-provider-node.mjs', 'it.defaultProvider()()')).toMatch(/LUCID_S3_ACCESS_KEY/);
});
