/** Calls a service over HTTP, on TCP or a Unix socket, with undici. */
import { type ByteStream, type ContractSpec, isOctets, isStream, type OperationSpec } from '@lucid/contracts';
import { type Clock, systemClock } from '../clock.ts';
import { ProblemError, problemMediaType } from '../problem.ts';
import { deadlineHeader, requestIdHeader, traceHeader } from '../request-id.ts';
import { assertAnswer, problemOfAnswer } from './answer.ts';
import type { OutgoingCall, Transport } from './send.ts';
import type { Agent, Dispatcher as UndiciDispatcher } from './undici-agent.ts';

/** Largest JSON answer that is read. */
const jsonAnswerMaxBytes = 32 * 1024 * 1024;

export interface HttpTarget {
  readonly origin: string;
  readonly socketPath?: string;
  /** SHA-256 of the only certificate that is taken there, in hex, whoever vouches for it. */
  readonly certificateSha256?: string;
}

/** `http://host:port`, `https://…` or `unix:/path/to.sock`. @throws TypeError */
export function parseTarget(url: string): HttpTarget {
  if (url.startsWith('unix:/')) return { origin: 'http://localhost', socketPath: url.slice('unix:'.length) };
  const { protocol, origin, pathname } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', origin: '', pathname: '' };
  if ((protocol !== 'http:' && protocol !== 'https:') || pathname !== '/')
    throw new TypeError('a service URL is http://host:port or unix:/path');
  return { origin };
}

export function createHttpTransport(target: HttpTarget, clock: Clock = systemClock): Transport {
  let agent: Promise<Agent> | undefined;
  return {
    async send(call) {
      agent ??= import('./undici-agent.ts').then(({ createAgent }) => createAgent(target));
      const answer = await exchange(await agent, target.origin, call, clock);
      return 'status' in answer ? readAnswer(call, answer) : answer;
    },
    async close() {
      const open = agent;
      agent = undefined;
      await (await open)?.close();
    },
  };
}

interface RawAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

async function exchange(
  agent: Agent,
  origin: string,
  call: OutgoingCall,
  clock: Clock,
): Promise<RawAnswer | ByteStream> {
  const body = encodeBody(call);
  const path = pathOf(call.contract, call.spec, call.input);
  try {
    const response = await agent.request({
      origin,
      path,
      method: call.spec.method,
      headers: headersOf(call, body, clock),
      body: body?.bytes ?? null,
      signal: call.signal ?? null,
    });
    if (isStream(call.spec.response) && response.statusCode < 300) return streamOf(response);
    return {
      status: response.statusCode,
      mediaType: String(response.headers['content-type'] ?? '').split(';')[0] ?? '',
      bytes: await readBody(response, call),
    };
  } catch (cause) {
    if (call.signal?.aborted) throw call.signal.reason;
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('unavailable', { remote: call.contract.service, cause });
  }
}

/** What breaks off, or is cut, rejects where it is read. */
function streamOf({ headers, body }: UndiciDispatcher.ResponseData): ByteStream {
  const sizeBytes = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  const fileName = /filename="([A-Za-z0-9._-]+)"/.exec(String(headers['content-disposition'] ?? ''))?.[1];
  return { bytes: body as AsyncIterable<Uint8Array>, sizeBytes, fileName };
}

async function readBody(response: UndiciDispatcher.ResponseData, call: OutgoingCall): Promise<Uint8Array> {
  const declared = call.spec.response;
  const maxBytes = isOctets(declared) ? declared.maxBytes : jsonAnswerMaxBytes;
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    sizeBytes += part.length;
    if (sizeBytes > maxBytes)
      throw new ProblemError('bad_answer', {
        remote: call.contract.service,
        detail: 'The answer is too large.',
      });
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, sizeBytes);
}

function readAnswer(call: OutgoingCall, answer: RawAnswer): unknown {
  const { contract, spec } = call;
  const { status, mediaType, bytes } = answer;
  if (status < 200 || status > 299) {
    const document = mediaType === problemMediaType ? parseJson(bytes) : undefined;
    throw problemOfAnswer({ contract, spec, status, document });
  }
  if (!spec.response) return undefined;
  if (isOctets(spec.response)) return bytes;
  return assertAnswer(contract, spec, parseJson(bytes));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

interface EncodedBody {
  readonly mediaType: string;
  readonly bytes: Uint8Array | string;
}

function encodeBody({ spec, input }: OutgoingCall): EncodedBody | undefined {
  if (!spec.body) return undefined;
  if (isOctets(spec.body)) return { mediaType: spec.body.mediaType, bytes: input.body as Uint8Array };
  return { mediaType: 'application/json', bytes: JSON.stringify(input.body ?? null) };
}

function headersOf(call: OutgoingCall, body: EncodedBody | undefined, clock: Clock): Record<string, string> {
  const leftMs = Math.max(0, Math.floor(call.deadlineAtMs - clock.nowMs()));
  return {
    accept: `application/json, ${problemMediaType}, */*`,
    [requestIdHeader]: call.requestId,
    [deadlineHeader]: String(Math.min(leftMs, 999_999_999)),
    ...(call.authorization ? { authorization: call.authorization } : {}),
    ...(call.traceparent ? { [traceHeader]: call.traceparent } : {}),
    ...(body ? { 'content-type': body.mediaType } : {}),
  };
}

/** Address of an operation, its parameters filled in. @throws ProblemError invalid_request where one is missing or empty */
export function pathOf(
  contract: ContractSpec,
  spec: OperationSpec,
  input: { params?: unknown; query?: unknown },
): string {
  const params = (input.params ?? {}) as Record<string, unknown>;
  const path = spec.path.replace(/:([A-Za-z0-9_]+)|\*$/g, (place, name: string | undefined) => {
    const value = params[name ?? '*'];
    const text = value === undefined || value === null ? '' : String(value);
    // A wildcard stands for the rest of the path, slashes included.
    const segments = place === '*' ? text.split('/') : [text];
    if (segments.some((each) => each === '' || each === '.' || each === '..')) {
      const faults = [{ pointer: `/params/${name ?? '*'}`, expected: 'must be present' }];
      throw new ProblemError('invalid_request', { remote: contract.service, extensions: { faults } });
    }
    return segments.map(encodeURIComponent).join('/');
  });
  return contract.basePath + path + searchOf((input.query ?? {}) as Record<string, unknown>);
}

function searchOf(given: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) query.append(name, String(each));
    }
  }
  const search = query.toString();
  return search ? `?${search}` : '';
}
