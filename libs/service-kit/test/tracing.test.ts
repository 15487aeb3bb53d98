import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatTraceparent, parseTraceparent } from '../src/otlp-tracing.ts';
import { bundleProgram } from './bundle.ts';

interface ReceivedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly message?: string };
}

/** A collector that keeps what it is sent: OTLP/HTTP with JSON bodies. */
async function startCollector() {
  const spans: ReceivedSpan[] = [];
  const paths: string[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      paths.push(request.url ?? '');
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString('utf8'));
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { spans, paths, endpoint: `http://127.0.0.1:${port}`, close };
}

const folder = mkdtempSync(join(tmpdir(), 'lucid-trace-'));
let program: string;
beforeAll(() => {
  program = bundleProgram('traced-main', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(['tcp', 'local'])('traces a call through two services over %s', async (transport) => {
  const collector = await startCollector();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { stdout } = await promisify(execFile)(process.execPath, [program, transport, traceparent], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
    timeout: 20_000,
  });
  await collector.close();
  expect(stdout).toBe('note_missing');

  expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
  const [server, client] = [2, 3];
  const find = (name: string, kind: number) => {
    const span = collector.spans.find((each) => each.name === name && each.kind === kind);
    if (!span) throw new Error(`no span ${name}`);
    return span;
  };
  const chain = [
    find('echo.ask', client),
    find('echo.ask', server),
    find('notes.getNote', client),
    find('notes.getNote', server),
  ];
  expect(collector.spans).toHaveLength(4);
  expect(chain[0]?.parentSpanId).toBe('b7ad6b7169203331');
  for (const [index, span] of chain.entries()) {
    expect(span.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(span.status.message).toBe('note_missing');
    if (index > 0) expect(span.parentSpanId).toBe(chain[index - 1]?.spanId);
  }
});

it('reads traceparent of version 00 and nothing else', () => {
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const context = parseTraceparent(good);
  expect(context && formatTraceparent(context)).toBe(good);
  for (const bad of [
    undefined,
    '',
    good.replace('00-', '01-'),
    good.toUpperCase(),
    `${good}-x`,
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  ])
    expect(parseTraceparent(bad)).toBeNull();
});
