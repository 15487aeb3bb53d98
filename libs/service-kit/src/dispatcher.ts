/**
 * What happens to a request once its transport has read it: who may call, what is accepted, the handler under its
 * deadline, and which problem a failure becomes. Every host and transport goes through here, so that none is laxer.
 */
import type { ByteStream, ContractSpec, ErrorSpec, OperationSpec } from '@lucid/contracts';
import { isOctets, isStream } from '@lucid/contracts';
import type { AccountVerifier, SignedInAccount } from './auth/access-tokens.ts';
import type { TokenVerifier } from './auth/tokens.ts';
import type { Clock } from './clock.ts';
import type { AnyServiceDefinition } from './definition.ts';
import { assertSession, createGuard, type Principal } from './dispatch/guard.ts';
import { createInputJudge, type DispatchInput } from './dispatch/input-judge.ts';
import { whileTaken } from './dispatch/lasting-right.ts';
import type { Listener } from './dispatch/running-call.ts';
import { type Handler, RunningCalls } from './dispatch/running-calls.ts';
import { answerValue } from './json-text.ts';
import type { Log } from './log.ts';
import { kitErrors, ProblemError } from './problem.ts';
import type { Tracing } from './tracing.ts';
import { validatorOf } from './validation.ts';

export type { DispatchInput } from './dispatch/input-judge.ts';

export interface DispatchRequest {
  readonly operation: string;
  readonly caller: string;
  readonly account?: SignedInAccount | undefined;
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly traceparent?: string | undefined;
  readonly input: DispatchInput;
}

/** Who waits for an answer. Exactly one of the two is called, once, maybe before `start` returns. */
export interface AnswerListener {
  /** `output` may be a `JsonText`. */
  answered(output: unknown, call: { readonly mayBeStored: boolean }): void;
  failed(problem: ProblemError): void;
}

export interface Dispatcher {
  readonly contract: ContractSpec;
  /** Who calls an operation, from its Authorization header. @throws ProblemError unauthenticated, forbidden, unavailable */
  authorise(operation: string, authorization: string | undefined): Principal | Promise<Principal>;
  /** Runs the handler. `leave` says that nobody waits any more; undefined where it ended already. */
  start(request: DispatchRequest, listener: AnswerListener): { leave(): void } | undefined;
  /** Output of the handler; `signal` aborts when the caller goes away. @throws ProblemError only */
  run(request: DispatchRequest & { readonly signal?: AbortSignal | undefined }): Promise<unknown>;
  readonly inFlight: number;
  /** Resolves when no handler runs but long polls. */
  idle(): Promise<void>;
  /** Resolves when no handler runs, also none that outlived its deadline. */
  drained(): Promise<void>;
  /** As `abortAll`, long polls only. */
  endWaiting(): void;
  /** Makes every handler's signal abort and every pending request fail as unavailable. */
  abortAll(): void;
}

export interface DispatcherOptions {
  readonly definition: AnyServiceDefinition;
  readonly context: unknown;
  readonly verifyToken: TokenVerifier;
  readonly accounts: AccountVerifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Tracing;
  /** Judge answers against the contract too; for tests. */
  readonly checkAnswers?: boolean | undefined;
}

interface Operation {
  readonly spec: OperationSpec;
  readonly handler: Handler;
  readonly judgeInput: (input: DispatchInput) => DispatchInput;
  /** Its answer has no end of its own. */
  readonly endless: boolean;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { contract } = options.definition;
  const operations = operationsOf(options.definition);
  const find = (name: string): Operation => {
    const found = operations.get(name);
    if (!found) throw new ProblemError('not_found');
    return found;
  };
  const calls = new RunningCalls(options);
  const guard = createGuard(options);
  const start: Dispatcher['start'] = (request, listener) => {
    const spec = operations.get(request.operation)?.spec;
    const failed = (error: unknown) => listener.failed(toProblem(error, contract, spec));
    try {
      const operation = find(request.operation);
      const input = operation.judgeInput(request.input);
      assertSession(request.account, input.params);
      const { account } = request;
      const give: Listener['answered'] =
        account && operation.endless
          ? (output, call) =>
              listener.answered(whileTaken(output as ByteStream, account, options.accounts), call)
          : (output, call) => listener.answered(output, call);
      const answered: Listener['answered'] = options.checkAnswers
        ? (output, call) => {
            try {
              judgeAnswer(operation.spec, answerValue(output));
            } catch (error) {
              failed(error);
              return;
            }
            give(output, call);
          }
        : give;
      const { waits = false } = operation.spec;
      return calls.start(operation.handler, request, { input, waits, listener: { answered, failed } });
    } catch (error) {
      failed(error);
      return undefined;
    }
  };

  return {
    contract,
    authorise: (operation, authorization) => guard.authorise(operation, find(operation).spec, authorization),
    start,
    run: ({ signal, ...request }) =>
      new Promise((resolve, reject) => {
        const done = () => signal?.removeEventListener('abort', leave);
        const leave = () => call?.leave();
        const call = start(request, {
          answered: (output) => {
            done();
            resolve(output);
          },
          failed: (problem) => {
            done();
            reject(problem);
          },
        });
        if (signal?.aborted) leave();
        else if (call) signal?.addEventListener('abort', leave, { once: true });
      }),
    get inFlight() {
      return calls.size;
    },
    idle: () => calls.idle(),
    drained: () => calls.drained(),
    endWaiting: () => calls.endWaiting(),
    abortAll: () => calls.abortAll(),
  };
}

const isEndless = ({ response }: OperationSpec): boolean => isStream(response) && response.endless === true;

const operationsOf = ({ contract, handlers }: AnyServiceDefinition): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries<OperationSpec>(contract.operations).flatMap(([name, spec]) => {
      const handler = handlers[name];
      const endless = isEndless(spec);
      return handler ? [[name, { spec, handler, judgeInput: createInputJudge(spec), endless }]] : [];
    }),
  );

function judgeAnswer(spec: OperationSpec, answer: unknown): void {
  const schema = spec.response;
  if (!schema) {
    if (answer !== undefined)
      throw new TypeError('handler answers something where the contract declares nothing');
  } else if (isStream(schema)) {
    if (typeof (answer as Partial<ByteStream> | undefined)?.bytes?.[Symbol.asyncIterator] !== 'function')
      throw new TypeError('handler must answer a stream of bytes');
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
