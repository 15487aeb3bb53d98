/** The rule against every other way out, on packages that break it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const program = join(__dirname, '..', 'check-boundaries.mjs');
const root = mkdtempSync(join(tmpdir(), 'lucid-boundaries-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function check(
  name: string,
  files: Readonly<Record<string, string>>,
): { status: number | null; said: string } {
  const workspace = mkdtempSync(join(root, 'workspace-'));
  const folder = join(workspace, 'apps', name);
  const manifest = { name: `@lucid/${name}`, nx: { tags: ['layer:service', 'plane:any'] } };
  for (const [path, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, `apps/${name}`], {
    cwd: workspace,
    encoding: 'utf8',
  });
  return { status, said: stderr + stdout };
}

const refused: [string, string][] = [
  ["import { request } from 'node:http';", 'request of node:http'],
  ["import { get as read } from 'https';", 'get of https'],
  ["import http from 'node:http';", '* of node:http'],
  ["import * as net from 'node:net';", '* of node:net'],
  ["import { createServer, connect } from 'node:net';", 'connect of node:net'],
  ["import { Socket } from 'node:net';\nnew Socket();", 'Socket of node:net'],
  ["import { connect } from 'node:tls';", 'connect of node:tls'],
  ["import { connect } from 'node:http2';", 'connect of node:http2'],
  ["import { createSocket } from 'node:dgram';", 'createSocket of node:dgram'],
  ["import { lookup } from 'node:dns';", 'lookup of node:dns'],
  ["import { resolve4 } from 'node:dns/promises';", 'resolve4 of node:dns/promises'],
  ["import 'dns';", '* of dns'],
  ["export { request } from 'node:http';", 'request of node:http'],
  ["export * from 'node:net';", '* of node:net'],
  ["const net = await import('node:net');", 'node:net'],
  ["const net = require('net');", 'net'],
  ["const net = process.getBuiltinModule('node:net');", 'node:net'],
  ["import { request } from 'undici';", 'request of undici'],
  ["import axios from 'axios';", '* of axios'],
  ["import { SocksProxyAgent } from 'socks-proxy-agent';", 'SocksProxyAgent of socks-proxy-agent'],
  ["import { SocksClient } from 'socks';", 'SocksClient of socks'],
  ["import WebSocket from 'ws';", '* of ws'],
  ["await fetch('http://a.example');", 'the global fetch'],
  ['const ask = fetch;', 'the global fetch'],
  ['const way = { fetch };', 'the global fetch'],
  ["globalThis.fetch('http://a.example');", 'the global fetch'],
  ["new WebSocket('ws://a.example');", 'the global WebSocket'],
  ["new EventSource('http://a.example');", 'the global EventSource'],
];

/** The checker compiles nothing, but begins slowly: all files at once. */
const filesOf = (lines: readonly string[]) =>
  Object.fromEntries(lines.map((line, index) => [`src/file-${index}.ts`, `${line}\nexport {};\n`]));

describe('what reaches out', () => {
  const { status, said } = check('some-service', filesOf(refused.map(([line]) => line)));

  it.each(refused.map(([line, shown], index) => [line, shown, index] as const))(
    '%s',
    (_line, shown, index) => {
      expect(said).toContain(
        `apps/some-service/src/file-${index}.ts: must not use ${shown}: services are called by`,
      );
    },
  );

  it('fails the check', () => {
    expect(status).toBe(1);
  });
});

it('what only listens, computes or is a type may stand there', () => {
  // In a package that may import undici: the driver's own rule looks at types, too.
  const lines = [
    "import { createServer, isIP } from 'node:net';",
    "import { constants } from 'node:http2';",
    "import type { Socket } from 'node:net';",
    "import { type Socket, isIPv6 } from 'node:net';",
    "import type { Dispatcher } from 'undici';",
    "type Agent = import('undici').Agent;",
    'const keys = { fetch: async () => 1 }; await keys.fetch();',
    'interface Source { fetch(url: string): void } declare const source: Source; source.fetch("");',
    "import { fetch } from './own.ts';\nfetch();",
    'function use(fetch: () => void) { fetch(); }',
    '// fetch and WebSocket in a comment, or in "fetch" a text',
  ];
  const files = { 'src/own.ts': 'export const fetch = () => {};\n', ...filesOf(lines) };
  expect(check('api-gateway', files)).toEqual({ status: 0, said: 'boundaries hold in apps/api-gateway\n' });
});

it('tests may do what they like, and exempted packages what they need', () => {
  const bad = "import { connect } from 'node:net';\nexport { connect };\n";
  expect(check('some-service', { 'test/a.ts': bad, 'src/a.test.ts': bad }).status).toBe(0);
  expect(check('server-tools', { 'src/a.ts': bad }).status).toBe(0);
  expect(check('server-tools', { 'src/a.ts': bad.replace('net', 'tls') }).status).toBe(1);
});
