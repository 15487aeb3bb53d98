/** Writes heads and problems to a client, over HTTP/1.1 or HTTP/2. */
import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse, type OutgoingHttpHeaders } from 'node:http2';
import { type ProblemError, problemDocument, problemMediaType, type RawResponse } from '@lucid/service-kit';
import { specOf } from '../problem.ts';
import { METHODS } from '../requests/incoming.ts';
import { CSP, linesOfGateway, NO_CONTENT_OF_OURS } from './heads.ts';

const isHttp2 = (response: RawResponse): boolean => 'stream' in response;

/** `lines`: names in lower case and values in turns. */
export function writeHead(response: RawResponse, status: number, lines: readonly string[]): void {
  if (!isHttp2(response)) {
    (response as ServerResponse).writeHead(status, lines as string[]);
    return;
  }
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index] as string;
    const value = lines[index + 1] as string;
    const before = headers[name];
    if (name === 'connection') continue;
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  response.writeHead(status, headers as OutgoingHttpHeaders & string[]);
}

/** Ends an answer so that nobody takes it for whole. */
export function cutOff(response: RawResponse): void {
  if (isHttp2(response)) (response as Http2ServerResponse).stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

export interface Refusal {
  readonly problem: ProblemError;
  readonly requestId: string;
  readonly secure: boolean;
  /** Lines of the limits. */
  readonly headers: readonly string[];
  /** Nothing more is read from the connection: its request was not read to its end, or is not to be trusted. */
  readonly close: boolean;
}

/** Nothing is written where the head is out or the client gone. */
export function writeProblem(response: RawResponse, refusal: Refusal): void {
  const { problem, requestId, secure, headers, close } = refusal;
  if (response.headersSent || response.destroyed) return;
  const spec = specOf(problem);
  const body = JSON.stringify(problemDocument({ problem, spec, requestId }));
  const lines = [
    ...linesOfGateway(requestId, secure),
    CSP,
    NO_CONTENT_OF_OURS,
    'content-type',
    problemMediaType,
    'content-length',
    String(Buffer.byteLength(body)),
    'cache-control',
    'no-store',
    ...headers,
  ];
  const { retryAfterMs } = problem.extensions;
  if (typeof retryAfterMs === 'number' && !headers.includes('retry-after'))
    lines.push('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (spec.status === 401) lines.push('www-authenticate', 'Bearer');
  if (spec.status === 405) lines.push('allow', [...METHODS].join(', '));
  if (close) lines.push('connection', 'close');
  writeHead(response, spec.status, lines);
  response.end(body);
  // What else was read of the connection is not answered again, not even as a fault.
  if (close && !isHttp2(response)) (response as ServerResponse).socket?.end();
}
