/**
 * Calls a service of the same process: same authorisation, validation and problems as over HTTP, without a server.
 *
 * Values are copied through JSON on both ways, so that two services never share a mutable object and see exactly what
 * HTTP would have shown them. Bytes are passed by reference: who sends them must not write to them afterwards.
 */
import { type ErrorSpec, isOctets, isStream } from '@lucid/contracts';
import { type Clock, systemClock } from '../clock.ts';
import type { Principal } from '../dispatch/guard.ts';
import { errorSpecOf, toProblem } from '../dispatcher.ts';
import type { Instance } from '../instance.ts';
import { JsonText } from '../json-text.ts';
import { kitErrors, ProblemError, problemDocument } from '../problem.ts';
import { leftStatus } from '../request-log.ts';
import { problemOfAnswer } from './answer.ts';
import type { OutgoingCall, Transport } from './send.ts';

export type LocalTarget = Pick<Instance, 'dispatcher' | 'logRequest'>;

/** `targetOf` is asked at each call, since services of one host may call each other in a circle, and may start late. */
export function createLocalTransport(
  targetOf: () => LocalTarget | undefined | Promise<LocalTarget | undefined>,
  clock = systemClock,
): Transport {
  return {
    async send(call) {
      const found = targetOf();
      const target = found instanceof Promise ? await found : found;
      // Who gave up while the service started must not have it done all the same.
      call.signal?.throwIfAborted();
      if (!target) throw new ProblemError('unavailable', { remote: call.contract.service });
      const startedAt = performance.now();
      const line = { operation: call.operation, method: 'LOCAL', requestId: call.requestId };
      let who: { caller: string; account?: string } = { caller: '' };
      const log = (status: number, failure?: ProblemError) =>
        target.logRequest({ ...line, ...who, status, failure, durationMs: performance.now() - startedAt });
      try {
        const principal = await target.dispatcher.authorise(call.operation, call.authorization);
        who = {
          caller: principal.caller,
          ...(principal.account ? { account: principal.account.address } : {}),
        };
        const answer = await target.dispatcher.run(requestOf(call, principal, clock));
        log(call.spec.status ?? (call.spec.response ? 200 : 204));
        return isOctets(call.spec.response) || isStream(call.spec.response) ? answer : copy(answer);
      } catch (error) {
        const problem = toProblem(error, call.contract, call.spec);
        const spec = errorSpecOf(call.contract, call.spec, problem.code) ?? kitErrors.internal;
        if (call.signal?.aborted) log(leftStatus);
        else log(spec.status, problem);
        throw asRemote(problem, spec, call);
      }
    },
    async close() {},
  };
}

const requestOf = (call: OutgoingCall, principal: Principal, clock: Clock) => ({
  ...principal,
  operation: call.operation,
  requestId: call.requestId,
  deadlineMs: Math.max(0, call.deadlineAtMs - clock.nowMs()),
  signal: call.signal,
  traceparent: call.traceparent,
  input: copyInput(call),
});

const copy = (value: unknown): unknown => {
  if (value instanceof JsonText) return JSON.parse(value.text);
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
};

const copyInput = ({ spec, input }: OutgoingCall) => ({
  params: copy(input.params),
  query: copy(input.query),
  body: isOctets(spec.body) ? input.body : copy(input.body),
});

/** What the problem would have been after HTTP; its cause stays, for the log of this process. */
function asRemote(problem: ProblemError, spec: ErrorSpec, call: OutgoingCall): ProblemError {
  const document = copy(problemDocument({ problem, spec, requestId: call.requestId }));
  const answered = problemOfAnswer({
    contract: call.contract,
    spec: call.spec,
    status: spec.status,
    document,
  });
  return new ProblemError(answered.code, {
    remote: call.contract.service,
    extensions: answered.extensions,
    cause: problem,
    ...(answered.detail ? { detail: answered.detail } : {}),
  });
}
