/**
 * How a service declares its API, once. From one contract come the server's routes with validation, the typed
 * client, the OpenAPI document and the table of who may call what.
 *
 * A contract is data: it imports no framework and opens nothing.
 */
import { PERMISSIONS, type Permission } from '@lucid/access';
import type { Static, TObject, TSchema } from 'typebox';

/** A body or answer of raw bytes; `maxBytes` bounds what is accepted. */
interface OctetsBody {
  readonly kind: 'octets';
  readonly maxBytes: number;
  /** Media type of the bytes; default `application/octet-stream`. */
  readonly mediaType: string;
}

export const octets = (options: { maxBytes: number; mediaType?: string }): OctetsBody => ({
  kind: 'octets',
  mediaType: 'application/octet-stream',
  ...options,
});

export type Body = TSchema | OctetsBody;
export type Answer = Body | StreamBody;

export const isOctets = (body: Answer | undefined): body is OctetsBody =>
  (body as OctetsBody | undefined)?.kind === 'octets';

/** An answer of bytes whose size is not bounded, sent as they arise. */
interface StreamBody {
  readonly kind: 'stream';
  readonly mediaType: string;
  /** It has no end of its own (server-sent events): a stop of the service ends it at once. */
  readonly endless?: boolean;
  /** A reader that takes nothing for this long is cut; default 60 s. */
  readonly stallMs?: number;
}

export const stream = (options: { mediaType: string; endless?: boolean; stallMs?: number }): StreamBody => ({
  kind: 'stream',
  ...options,
});

export const isStream = (body: Answer | undefined): body is StreamBody =>
  (body as StreamBody | undefined)?.kind === 'stream';

/** What a handler answers, and a client receives, where a stream is declared. */
export interface ByteStream {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes?: number | undefined;
  /** Offered to who saves it; letters, digits, `.`, `-` and `_`. */
  readonly fileName?: string | undefined;
}

/** One entry of a service's closed set of errors. */
export interface ErrorSpec {
  readonly status: number;
  /** One line of meaning, for people and for the OpenAPI document. */
  readonly title: string;
}

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/**
 * Who may call: names of services, `operator` (the command line of this node), `account` (whoever signed in and has the
 * operation's permission), or `public` (anybody, no token).
 */
export type Caller = string;

export interface OperationSpec {
  readonly method: Method;
  /** Below the contract's `basePath`; parameters in braces are not used: `/sessions/:sessionId`. */
  readonly path: string;
  readonly summary: string;
  readonly callers: readonly Caller[];
  /** What an account must be permitted to; there exactly where `callers` names `account`. */
  readonly permission?: Permission;
  readonly params?: TObject;
  /** `lastEventId` and `idempotencyKey` are read from the headers of these names, too. */
  readonly query?: TObject;
  readonly body?: Body;
  /** Absent: answers 204. */
  readonly response?: Answer;
  /** Status of success; default 200, or 204 without a response. */
  readonly status?: number;
  /** Codes out of the contract's `errors` that this operation may answer, besides the kit's own. */
  readonly errors?: readonly string[];
  /** Safe to repeat after a lost answer; the client retries only these. GET, PUT and DELETE are, POST must say so. */
  readonly idempotent?: boolean;
  /** Cache-Control of a success, unless the handler says that it must not be stored; default `no-store`. */
  readonly cacheControl?: string;
  /** A GET whose success carries a strong ETag of its bytes: `If-None-Match` is answered 304, and HEAD is offered. */
  readonly etag?: true;
  /** Header lines of every success over HTTP, besides those of the kit; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default deadline of a call, in milliseconds. */
  readonly deadlineMs?: number;
  /** A long poll: it waits for news, which is no work, and a stop of the service ends it at once. */
  readonly waits?: true;
}

export interface ContractSpec {
  readonly service: string;
  readonly version: string;
  readonly summary: string;
  /** `/api/v1` unless the protocol says otherwise. */
  readonly basePath: string;
  readonly errors: Readonly<Record<string, ErrorSpec>>;
  readonly operations: Readonly<Record<string, OperationSpec>>;
}

type BodyOf<B> = B extends OctetsBody ? Uint8Array : B extends TSchema ? Static<B> : undefined;

type Part<K extends string, S> = S extends TSchema ? { [P in K]: Static<S> } : { [P in K]?: undefined };
type BodyPart<B> = B extends Body ? { body: BodyOf<B> } : { body?: undefined };

/** What a handler receives and a client sends. */
export type InputOf<O extends OperationSpec> = Part<'params', O['params']> &
  Part<'query', O['query']> &
  BodyPart<O['body']>;

/** What a handler returns and a client receives. */
export type OutputOf<O extends OperationSpec> = O['response'] extends StreamBody
  ? ByteStream
  : O['response'] extends Body
    ? BodyOf<O['response']>
    : undefined;

export type ErrorCodeOf<C extends ContractSpec> = keyof C['errors'] & string;

/** Checks what types cannot (error codes exist, POST says whether it is idempotent) and returns the contract as it is. */
export function defineContract<const C extends ContractSpec>(contract: C): C {
  for (const [name, operation] of Object.entries<OperationSpec>(contract.operations)) {
    const where = `${contract.service}.${name}`;
    for (const code of operation.errors ?? []) {
      if (!(code in contract.errors))
        throw new TypeError(`${where}: error ${code} is not declared by the contract`);
    }
    if (operation.callers.length === 0) throw new TypeError(`${where}: names nobody who may call it`);
    if (operation.callers.includes('account') !== (operation.permission !== undefined))
      throw new TypeError(`${where}: a permission and the caller account go together`);
    if (operation.permission !== undefined && !PERMISSIONS.includes(operation.permission))
      throw new TypeError(`${where}: there is no permission ${operation.permission}`);
    if (operation.etag && (operation.method !== 'GET' || !operation.response))
      throw new TypeError(`${where}: only a GET that answers something has an ETag`);
    if (operation.method === 'POST' && operation.idempotent === undefined) {
      throw new TypeError(`${where}: a POST must say whether it is idempotent`);
    }
  }
  return contract;
}

export const isIdempotent = (operation: OperationSpec): boolean =>
  operation.idempotent ?? operation.method !== 'POST';
