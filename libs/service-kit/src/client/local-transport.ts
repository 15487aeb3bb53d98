/**
 * Calls a service of the same process: same authorisation, validation and problems as over HTTP, without a server.
 *
 * Values are copied through JSON on both ways, so that two services never share a mutable object and see exactly what
 * HTTP would have shown them. Bytes are passed by reference: who sends them must not write to them afterwards.
 */
import { isOctets } from '@lucid/contracts';
import { systemClock } from '../clock.ts';
import { type Dispatcher, errorSpecOf, toProblem } from '../dispatcher.ts';
import { kitErrors, ProblemError, problemDocument } from '../problem.ts';
import { problemOfAnswer } from './answer.ts';
import type { OutgoingCall, Transport } from './send.ts';

/** `dispatcher` is asked at each call, since services of one host may call each other in a circle. */
export function createLocalTransport(
  dispatcher: () => Dispatcher | undefined,
  clock = systemClock,
): Transport {
  return {
    async send(call) {
      const target = dispatcher();
      if (!target) throw new ProblemError('unavailable', { remote: call.contract.service });
      try {
        const caller = target.authorise(call.operation, call.authorization);
        const answer = await target.run({
          operation: call.operation,
          caller,
          requestId: call.requestId,
          deadlineMs: Math.max(0, call.deadlineAtMs - clock.nowMs()),
          signal: call.signal,
          traceparent: call.traceparent,
          input: copyInput(call),
        });
        return call.spec.response && !isOctets(call.spec.response) ? copy(answer) : answer;
      } catch (error) {
        throw asRemote(error, call);
      }
    },
    async close() {},
  };
}

const copy = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

const copyInput = ({ spec, input }: OutgoingCall) => ({
  params: copy(input.params),
  query: copy(input.query),
  body: isOctets(spec.body) ? input.body : copy(input.body),
});

/** What the problem would have been after HTTP; its cause stays, for the log of this process. */
function asRemote(error: unknown, call: OutgoingCall): ProblemError {
  const problem = toProblem(error, call.contract, call.spec);
  const spec = errorSpecOf(call.contract, call.spec, problem.code) ?? kitErrors.internal;
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
