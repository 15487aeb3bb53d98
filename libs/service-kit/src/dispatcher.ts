/**
 * What happens to a request once its transport has read it: who may call, what is accepted, the handler under its
 * deadline, and which problem a failure becomes. Every host and transport goes through here, so that none is laxer.
 */
import type { ContractSpec, ErrorSpec, OperationSpec } from '@lucid/contracts';
import { isOctets } from '@lucid/contracts';
import type { TokenVerifier } from './auth/tokens.ts';
import type { Clock } from './clock.ts';
import type { AnyServiceDefinition, Call } from './definition.ts';
import type { Log } from './log.ts';
import { kitErrors, ProblemError } from './problem.ts';
import type { Tracing } from './tracing.ts';
import { type Fault, validatorOf, withDefaults } from './validation.ts';

export interface DispatchInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

export interface DispatchRequest {
  readonly operation: string;
  readonly caller: string;
  readonly requestId: string;
  readonly deadlineMs: number;
  /** Aborts when the caller goes away. */
  readonly signal?: AbortSignal | undefined;
  readonly traceparent?: string | undefined;
  readonly input: DispatchInput;
}

export interface Dispatcher {
  readonly contract: ContractSpec;
  /** Caller of an operation, from its Authorization header. @throws ProblemError unauthenticated, forbidden */
  authorise(operation: string, authorization: string | undefined): string;
  /** Output of the handler. @throws ProblemError only */
  run(request: DispatchRequest): Promise<unknown>;
  readonly inFlight: number;
  /** Resolves when no handler runs, also none that outlived its deadline. */
  drained(): Promise<void>;
  /** Makes every handler's signal abort and every pending request fail as unavailable. */
  abortAll(): void;
}

export interface DispatcherOptions {
  readonly definition: AnyServiceDefinition;
  readonly context: unknown;
  readonly verifyToken: TokenVerifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Tracing;
  /** Judge answers against the contract too; for tests. */
  readonly checkAnswers?: boolean | undefined;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { contract } = options.definition;
  const running = new Map<AbortController, Promise<unknown>>();

  const run = async (request: DispatchRequest): Promise<unknown> => {
    const spec = operationOf(contract, request.operation);
    const input = judgeInput(spec, request.input);
    const controller = new AbortController();
    const work = options.tracing.run(
      {
        kind: 'server',
        name: `${contract.service}.${request.operation}`,
        parent: request.traceparent,
        attributes: { 'lucid.caller': request.caller, 'lucid.request_id': request.requestId },
      },
      (traceparent) => handle(options, request, { input, signal: controller.signal, traceparent }),
    );
    running.set(controller, work);
    const forget = () => running.delete(controller);
    work.then(forget, forget);
    try {
      const answer = await withinDeadline({ work, controller, request, clock: options.clock });
      if (options.checkAnswers) judgeAnswer(spec, answer);
      return answer;
    } catch (error) {
      throw toProblem(error, contract, spec);
    }
  };

  return {
    contract,
    authorise: (operation, authorization) =>
      authorise({ contract, operation, authorization, verifyToken: options.verifyToken }),
    run,
    get inFlight() {
      return running.size;
    },
    async drained() {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
    abortAll() {
      for (const controller of running.keys())
        controller.abort(new ProblemError('unavailable', { detail: 'The service is stopping.' }));
    },
  };
}

function operationOf(contract: ContractSpec, operation: string): OperationSpec {
  const spec = Object.hasOwn(contract.operations, operation) ? contract.operations[operation] : undefined;
  if (!spec) throw new ProblemError('not_found');
  return spec;
}

function authorise(options: {
  contract: ContractSpec;
  operation: string;
  authorization: string | undefined;
  verifyToken: TokenVerifier;
}): string {
  const { callers } = operationOf(options.contract, options.operation);
  if (options.authorization === undefined) {
    if (callers.includes('public')) return 'public';
    throw new ProblemError('unauthenticated', { detail: 'This operation needs a service token.' });
  }
  const [scheme, token, ...rest] = options.authorization.split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0)
    throw new ProblemError('unauthenticated', { detail: 'The authorization must be a bearer token.' });
  const caller = options.verifyToken(token, options.operation);
  if (callers.includes(caller) || callers.includes('public')) return caller;
  throw new ProblemError('forbidden', {
    detail: 'The contract does not name this caller for this operation.',
  });
}

function handle(
  options: DispatcherOptions,
  request: DispatchRequest,
  own: { input: DispatchInput; signal: AbortSignal; traceparent: string | undefined },
): Promise<unknown> {
  const call: Call = {
    caller: request.caller,
    requestId: request.requestId,
    signal: own.signal,
    deadlineAtMs: options.clock.nowMs() + request.deadlineMs,
    log: options.log.child({ requestId: request.requestId, operation: request.operation }),
    traceparent: own.traceparent,
  };
  const handler = options.definition.handlers[request.operation];
  if (!handler) throw new ProblemError('not_found');
  return Promise.resolve(handler(own.input as never, call, options.context as never));
}

/** The handler's result, or a rejection at its deadline or when the caller goes away, whichever comes first. */
function withinDeadline(options: {
  work: Promise<unknown>;
  controller: AbortController;
  request: DispatchRequest;
  clock: Clock;
}): Promise<unknown> {
  const { work, controller, request, clock } = options;
  return new Promise((resolve, reject) => {
    const leave = () =>
      controller.abort(new ProblemError('unavailable', { detail: 'The caller went away.' }));
    const cancel = clock.after(request.deadlineMs, () =>
      controller.abort(new ProblemError('deadline_exceeded')),
    );
    const finish = () => {
      cancel();
      request.signal?.removeEventListener('abort', leave);
    };
    controller.signal.addEventListener('abort', () => {
      finish();
      reject(controller.signal.reason);
    });
    work.then(resolve, reject).finally(finish);
    if (request.signal?.aborted) leave();
    else request.signal?.addEventListener('abort', leave, { once: true });
  });
}

function judgeInput(spec: OperationSpec, input: DispatchInput): DispatchInput {
  const faults: Fault[] = [];
  const judged: Record<'params' | 'query' | 'body', unknown> = {
    params: undefined,
    query: undefined,
    body: undefined,
  };
  for (const part of ['params', 'query', 'body'] as const) {
    const schema = spec[part];
    if (!schema) continue;
    if (isOctets(schema)) {
      judged[part] = judgeOctets(input[part], schema.maxBytes);
      continue;
    }
    judged[part] = withDefaults(schema, input[part] ?? (part === 'query' ? {} : undefined));
    const validator = validatorOf(schema);
    if (!validator.isValid(judged[part])) faults.push(...validator.faults(judged[part], `/${part}`));
  }
  if (faults.length === 0) return judged;
  throw new ProblemError('invalid_request', {
    detail: 'The request does not match the contract; `faults` says where.',
    extensions: { faults },
  });
}

function judgeOctets(body: unknown, maxBytes: number): Uint8Array {
  if (!(body instanceof Uint8Array)) {
    throw new ProblemError('invalid_request', {
      extensions: { faults: [{ pointer: '/body', expected: 'must be bytes' }] },
    });
  }
  if (body.length > maxBytes)
    throw new ProblemError('payload_too_large', { detail: `At most ${maxBytes} bytes are accepted.` });
  return body;
}

function judgeAnswer(spec: OperationSpec, answer: unknown): void {
  const schema = spec.response;
  if (!schema) {
    if (answer !== undefined)
      throw new TypeError('handler answers something where the contract declares nothing');
  } else if (isOctets(schema)) {
    if (!(answer instanceof Uint8Array)) throw new TypeError('handler must answer bytes');
  } else if (!validatorOf(schema).isValid(answer)) {
    throw new TypeError('answer of the handler does not match its contract', {
      cause: validatorOf(schema).faults(answer, '/response'),
    });
  }
}

/** What entry of the closed set a code is, for one operation; null where it may not answer it. */
export function errorSpecOf(
  contract: ContractSpec,
  spec: OperationSpec | undefined,
  code: string,
): ErrorSpec | null {
  if (spec?.errors?.includes(code)) return contract.errors[code] ?? null;
  return Object.hasOwn(kitErrors, code) ? kitErrors[code as keyof typeof kitErrors] : null;
}

/** Problems of a called service that say the same when this one repeats them. */
const passedOn: ReadonlySet<string> = new Set(['unavailable', 'deadline_exceeded', 'too_many_requests']);

/** The problem that a failure is answered with. A remote problem is ours only where our contract declares it. */
export function toProblem(
  error: unknown,
  contract: ContractSpec,
  spec: OperationSpec | undefined,
): ProblemError {
  if (!(error instanceof ProblemError)) return new ProblemError('internal', { cause: error });
  const declared = spec?.errors?.includes(error.code) ?? false;
  const known =
    error.remote === undefined ? errorSpecOf(contract, spec, error.code) !== null : passedOn.has(error.code);
  return declared || known ? error : new ProblemError('internal', { cause: error });
}
