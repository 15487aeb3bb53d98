/** The typed client of a contract: one function an operation, over any transport. */
import type { ContractSpec, InputOf, OperationSpec, OutputOf } from '@lucid/contracts';
import type { TokenSource } from '../auth/tokens.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Call } from '../definition.ts';
import type { DispatchInput } from '../dispatcher.ts';
import { createRequestId } from '../request-id.ts';
import { noTracing, type Tracing } from '../tracing.ts';
import { type BreakerOptions, withBreaker } from './breaker.ts';
import { withDeadline } from './deadline.ts';
import { type RetryOptions, withRetry } from './retry.ts';
import type { OutgoingCall, Send, Transport } from './send.ts';

export interface CallOptions {
  /** The request on whose behalf this call is made: its id, deadline, signal and trace go along. */
  readonly call?: Pick<Call, 'requestId' | 'signal' | 'deadlineAtMs' | 'traceparent' | 'account'>;
  /** On behalf of the account of `call`: its token goes along instead of this service's own. */
  readonly asAccount?: boolean;
  /** Milliseconds this call may take, retries included; default the operation's, else the client's. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

type Arguments<I> =
  Record<never, never> extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions];

export type Client<C extends ContractSpec> = {
  readonly [K in keyof C['operations']]: (
    ...args: Arguments<InputOf<C['operations'][K]>>
  ) => Promise<OutputOf<C['operations'][K]>>;
};

export interface ClientOptions {
  /** Signs a token for each operation that is not public. */
  readonly tokens?: TokenSource;
  /** Default 30,000. */
  readonly deadlineMs?: number;
  readonly retry?: RetryOptions | false;
  readonly breaker?: BreakerOptions | false;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
  readonly tracing?: Tracing;
}

export const defaultDeadlineMs = 30_000;

/** Rejects with ProblemError (`remote` is the service), or with the reason of a signal that the caller aborted. */
export function createClient<const C extends ContractSpec>(
  contract: C,
  transport: Transport,
  options: ClientOptions = {},
): Client<C> {
  const clock = options.clock ?? systemClock;
  const tracing = options.tracing ?? noTracing;
  const send = layers(transport.send, options, clock);
  const names = Object.entries<OperationSpec>(contract.operations);
  const operations = names.map(([operation, spec]) => {
    const run = (input: DispatchInput = {}, callOptions: CallOptions = {}) => {
      const signals = [callOptions.call?.signal, callOptions.signal].filter((each) => each !== undefined);
      const ownDeadlineMs =
        callOptions.deadlineMs ?? spec.deadlineMs ?? options.deadlineMs ?? defaultDeadlineMs;
      const outgoing: OutgoingCall = {
        contract,
        operation,
        spec,
        input,
        requestId: callOptions.call?.requestId ?? createRequestId(),
        deadlineAtMs: Math.min(
          clock.nowMs() + ownDeadlineMs,
          callOptions.call?.deadlineAtMs ?? Number.POSITIVE_INFINITY,
        ),
        signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
        ...(callOptions.asAccount ? { authorization: authorizationOf(callOptions.call) } : {}),
      };
      const span = {
        kind: 'client' as const,
        name: `${contract.service}.${operation}`,
        parent: callOptions.call?.traceparent,
        attributes: { 'lucid.request_id': outgoing.requestId },
      };
      return tracing.run(span, (traceparent) => send({ ...outgoing, traceparent }));
    };
    return [operation, run] as const;
  });
  return Object.freeze(Object.fromEntries(operations)) as unknown as Client<C>;
}

function authorizationOf(call: CallOptions['call']): string {
  if (!call?.account) throw new TypeError('a call as an account needs the call of an account');
  return `Bearer ${call.account.token}`;
}

function layers(transport: Send, options: ClientOptions, clock: Clock): Send {
  const random = options.random ?? Math.random;
  const tokened = options.tokens ? withToken(options.tokens)(transport) : transport;
  const guarded = options.breaker === false ? tokened : withBreaker(clock, options.breaker)(tokened);
  const retried = options.retry === false ? guarded : withRetry({ clock, random }, options.retry)(guarded);
  return withDeadline(clock)(retried);
}

const withToken =
  (tokens: TokenSource) =>
  (next: Send): Send =>
  async (call) => {
    if (call.authorization !== undefined) return next(call);
    const { service } = call.contract;
    return next({
      ...call,
      authorization: `Bearer ${tokens({ audience: service, operation: call.operation })}`,
    });
  };
