/** What a front answers itself instead of handing a request to the routes. */
import type { Duplex } from 'node:stream';
import { type KitErrorCode, kitErrors, ProblemError, problemDocument, problemMediaType } from '../problem.ts';
import { acceptRequestId, requestIdHeader } from '../request-id.ts';
import type { FrontHost, RawRequest, RawResponse } from './front.ts';

export interface FrontRefusal {
  readonly code: KitErrorCode;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a problem, logged and counted like the answer of a route; nothing more is read from the connection. */
export function refuseRequest(
  host: Pick<FrontHost, 'started' | 'finished'>,
  request: RawRequest,
  response: RawResponse,
  { code, headers = {} }: FrontRefusal,
): void {
  const startedAtMs = performance.now();
  const requestId = acceptRequestId(request.headers[requestIdHeader]);
  const spec = kitErrors[code];
  const failure = new ProblemError(code);
  const body = JSON.stringify(problemDocument({ problem: failure, spec, requestId }));
  host.started();
  for (const [name, value] of Object.entries({
    ...headers,
    'content-type': problemMediaType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    [requestIdHeader]: requestId,
    // What may follow in the body is not read.
    connection: 'close',
  }))
    response.setHeader(name, value);
  response.statusCode = spec.status;
  if (request.method === 'HEAD') response.end();
  else response.end(body);
  host.finished({
    operation: 'front',
    method: request.method ?? '',
    requestId,
    caller: '',
    status: spec.status,
    durationMs: performance.now() - startedAtMs,
    failure,
  });
}

/** Of a front that has no other protocols. */
export const refuseUpgrade = (socket: Duplex): void =>
  void socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
