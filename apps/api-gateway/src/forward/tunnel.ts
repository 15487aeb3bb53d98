/**
 * A WebSocket (RFC 6455) through the gateway: the handshake is passed on like a request, and once the service has agreed both
 * sockets are joined until one of them ends. What the service answers instead goes back as it is.
 */
import { type IncomingMessage, request as plainRequest, ServerResponse } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpTarget, ProblemError } from '@lucid/service-kit';
import type { Outcome } from './circuit.ts';
import { problemOfFailure } from './failures.ts';
import { linesFromService } from './heads.ts';

export interface TunnelOptions {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly target: HttpTarget;
  readonly path: string;
  readonly lines: readonly string[];
  readonly answerLines: string[];
  readonly timeoutMs: number;
  readonly tell: (outcome: Outcome) => void;
  /** Status of the handshake. */
  readonly onAnswer: (status: number) => void;
  /** Before anything was answered. */
  readonly onFailure: (problem: ProblemError) => void;
}

/** An answer in HTTP to a request that asked to be upgraded; its connection ends with it. */
export function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.once('finish', () => socket.end());
  return response;
}

export function openTunnel(options: TunnelOptions): void {
  const { target, socket, path, lines, timeoutMs, tell } = options;
  const { hostname, port } = new URL(target.origin);
  const send = target.origin.startsWith('https:') ? secureRequest : plainRequest;
  const place =
    target.socketPath === undefined ? { host: hostname, port } : { socketPath: target.socketPath };
  const outgoing = send({ ...place, path, method: 'GET', headers: headersOf(lines), agent: false });
  const leave = () => outgoing.destroy();
  socket.once('close', leave);
  socket.on('error', leave);
  const timer = setTimeout(
    () =>
      outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'UND_ERR_HEADERS_TIMEOUT' })),
    timeoutMs,
  ).unref();
  let answered = false;
  const begin = () => {
    answered = true;
    clearTimeout(timer);
    tell('answered');
  };
  outgoing.once('upgrade', (answer, far, farHead) => {
    begin();
    join(options, answer, far, farHead);
  });
  outgoing.once('response', (answer) => {
    begin();
    passBack(options, answer);
  });
  outgoing.once('error', (error) => {
    clearTimeout(timer);
    if (answered) return void socket.destroy();
    if (socket.destroyed) return tell('left');
    tell('failed');
    options.onFailure(problemOfFailure(error));
  });
  outgoing.end();
}

const HANDSHAKE = ['connection', 'Upgrade', 'upgrade', 'websocket'];

function headersOf(lines: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const all = [...lines, ...HANDSHAKE];
  for (let index = 0; index < all.length; index += 2) {
    const name = all[index] as string;
    const value = all[index + 1] as string;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function join(options: TunnelOptions, answer: IncomingMessage, far: Duplex, farHead: Buffer): void {
  const { socket, head, answerLines } = options;
  const { lines } = linesFromService(answer.rawHeaders, answerLines);
  const all = [...lines, ...HANDSHAKE];
  const text = all.map((each, index) => (index % 2 === 0 ? `\r\n${each}: ` : each)).join('');
  options.onAnswer(101);
  const end = () => {
    far.destroy();
    socket.destroy();
  };
  far.on('error', end).once('close', end);
  socket.on('error', end).once('close', end);
  socket.write(`HTTP/1.1 101 Switching Protocols${text}\r\n\r\n`, 'latin1');
  if (farHead.length > 0) socket.write(farHead);
  if (head.length > 0) far.write(head);
  socket.pipe(far);
  far.pipe(socket);
}

function passBack(options: TunnelOptions, answer: IncomingMessage): void {
  const { request, socket, answerLines } = options;
  const status = answer.statusCode ?? 502;
  const { lines } = linesFromService(answer.rawHeaders, answerLines);
  options.onAnswer(status);
  const response = answerOn(request, socket);
  response.writeHead(status, lines);
  answer.once('aborted', () => socket.destroy());
  answer.pipe(response);
}
