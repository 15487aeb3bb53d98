/**
 * A service, declared without knowing which host runs it: alone in a process, beside others in one, or under test.
 */
import type { ContractSpec, InputOf, OperationSpec, OutputOf } from '@lucid/contracts';
import type { Static, TObject, TSchema } from 'typebox';
import type { AccountVerifier, SignedInAccount } from './auth/access-tokens.ts';
import type { Client } from './client/client.ts';
import type { HttpTarget } from './client/http-transport.ts';
import type { Clock } from './clock.ts';
import type { JsonText } from './json-text.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Front, FrontHost } from './server/front.ts';

/** One request, as a handler sees it; not to be copied with `...`. Pass it on to clients (`{ call }`) so that id, deadline and trace travel on. */
export interface Call {
  /** Name of the calling service, `operator`, `account`, or `public`. */
  readonly caller: string;
  /** Who signed in; present exactly where the caller is `account`. */
  readonly account?: SignedInAccount | undefined;
  readonly requestId: string;
  /** Aborts at the deadline, when the caller goes away, and when the host gives up waiting at its stop. */
  readonly signal: AbortSignal;
  /** What the signal says, without making one. */
  readonly isAborted?: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineAtMs: number;
  readonly log: Log;
  /** W3C trace context of the span that this request runs in, where tracing is on. */
  readonly traceparent?: string | undefined;
  /** This answer is sent as `no-store`, although the operation's `cacheControl` says that others may be kept. */
  doNotStore(): void;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing may be one that returns Promise<void>.
type Nothing = undefined | void;
type MaybeText<O extends OperationSpec> = O['response'] extends TSchema ? JsonText : never;
type Answer<O extends OperationSpec> = OutputOf<O> extends undefined ? Nothing : OutputOf<O> | MaybeText<O>;

/** Plain arguments in, plain result out; throws ProblemError for what its contract declares. */
export type Handler<O extends OperationSpec, Context> = (
  input: InputOf<O>,
  call: Call,
  context: Context,
) => Promise<Answer<O>> | Answer<O>;

export type Handlers<C extends ContractSpec, Context> = {
  readonly [K in keyof C['operations']]: Handler<C['operations'][K], Context>;
};

/** Contracts of the services that this one calls, by the name under which it wants their clients. */
export type Uses = Readonly<Record<string, ContractSpec>>;
export type ClientsOf<U extends Uses> = { readonly [K in keyof U]: Client<U[K]> };

export interface ContextOptions<Config, Clients = Record<never, never>, Adapters = Record<never, never>> {
  readonly config: Config;
  readonly log: Log;
  readonly clients: Clients;
  readonly clock: Clock;
  /** Cryptographically secure random bytes. */
  readonly random: (sizeBytes: number) => Uint8Array;
  /** The service's own metrics, shown at `GET /metrics` with the service's name as a label. */
  readonly metrics: Metrics;
  /** Judges access tokens; for who has them otherwise than with a call. */
  readonly accounts: AccountVerifier;
  /** Where a service of `forwardsTo` listens; null where it does not (yet), or not over HTTP. */
  readonly targetOf: (service: string) => HttpTarget | null;
  /** Stores and devices that the host hands over instead of those the service would open itself. */
  readonly adapters: Partial<Adapters>;
}

export interface ServiceContext {
  /** Closes what createContext opened, in reverse. */
  close(): Promise<void> | void;
}

/** Work that goes on beside requests. */
export interface Worker {
  readonly name: string;
  /** Runs until the signal aborts, then finishes or hands back what it holds and resolves. A rejection is fatal. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is left to do at the moment; tests wait for it. */
  idle?(): Promise<void>;
}

/** Named checks of `GET /ready`; each rejects when its dependency is down. */
export type ReadyChecks = Readonly<Record<string, (signal: AbortSignal) => Promise<unknown> | unknown>>;

export interface ServiceDefinition<
  C extends ContractSpec = ContractSpec,
  S extends TObject = TObject,
  Context extends ServiceContext = ServiceContext,
  U extends Uses = Uses,
  Adapters = Record<string, unknown>,
> {
  readonly contract: C;
  readonly config: S;
  readonly uses?: U;
  /** Access tokens are judged although no operation names accounts as callers. */
  readonly judgesAccounts?: boolean;
  /** Names of services to which it passes requests on as they are; `targetOf` says where they are. */
  readonly forwardsTo?: readonly string[];
  createContext(options: ContextOptions<Static<S>, ClientsOf<U>, Adapters>): Promise<Context> | Context;
  readonly handlers: Handlers<C, Context>;
  ready?(context: Context): ReadyChecks;
  workers?(context: Context): readonly Worker[];
  /** Sees every request before the routes; only where a server is. */
  front?(context: Context, host: FrontHost): Front;
}

/** A definition whose types a host need not know. */
export interface AnyServiceDefinition {
  readonly contract: ContractSpec;
  readonly config: TObject;
  readonly uses?: Uses;
  readonly judgesAccounts?: boolean;
  readonly forwardsTo?: readonly string[];
  // Method syntax: parameters compare bivariantly, so that every definition fits.
  createContext(options: ContextOptions<never, never, never>): Promise<ServiceContext> | ServiceContext;
  readonly handlers: Readonly<Record<string, (input: never, call: Call, context: never) => unknown>>;
  ready?(context: never): ReadyChecks;
  workers?(context: never): readonly Worker[];
  front?(context: never, host: FrontHost): Front;
}

export function defineService<
  const C extends ContractSpec,
  S extends TObject,
  Context extends ServiceContext,
  const U extends Uses = Record<never, never>,
  Adapters = Record<never, never>,
>(definition: ServiceDefinition<C, S, Context, U, Adapters>): ServiceDefinition<C, S, Context, U, Adapters> {
  for (const name of Object.keys(definition.contract.operations)) {
    if (typeof definition.handlers[name] !== 'function')
      throw new TypeError(`${definition.contract.service}: operation ${name} has no handler`);
  }
  return definition;
}
