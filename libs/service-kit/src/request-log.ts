/** One log line a request. Lines of success are built by hand: pino's way through redaction costs more than a short request. */
import { type Log, lineWriterOf } from './log.ts';
import type { ProblemError } from './problem.ts';
import { redactText } from './redaction.ts';

export interface RequestLine {
  /** From the contract. */
  readonly operation: string;
  readonly method: string;
  /** From the caller, of harmless characters. */
  readonly requestId: string;
  readonly caller: string;
  /** Address of the account that called. */
  readonly account?: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  readonly failure?: ProblemError | undefined;
}

/** Of a request whose caller left before its answer. */
export const leftStatus = 499;

/** Not ready is an answer, not a failure; what is down is told by itself. */
const readinessOperation = 'ready';

const roundTo2 = (value: number): number => Math.round(value * 100) / 100;

export function createRequestLog(log: Log): (line: RequestLine) => void {
  const writer = lineWriterOf(log, 'info');
  return (line) => {
    if (line.status >= 500 && line.operation !== readinessOperation) logFailure(log, line);
    else if (!writer) log.info(fieldsOf(line), 'request');
    else if (writer.isOn()) writer.write(textOf(line));
  };
}

function logFailure(log: Log, line: RequestLine): void {
  log.error({ ...fieldsOf(line), ...(line.failure ? { err: line.failure } : {}) }, 'request');
}

function fieldsOf({ failure, durationMs, account, ...fields }: RequestLine) {
  return {
    ...fields,
    ...(account ? { account } : {}),
    durationMs: roundTo2(durationMs),
    ...(failure ? { code: failure.code } : {}),
  };
}

/** Members of a JSON object. Operation, method and code need no escape: they are names out of the contract and of HTTP. */
function textOf(line: RequestLine): string {
  const { operation, method, requestId, caller, account, status, durationMs, failure } = line;
  const who = JSON.stringify(caller) + (account ? `,"account":${JSON.stringify(account)}` : '');
  const code = failure ? `,"code":"${failure.code}"` : '';
  return `"operation":"${operation}","method":"${method}","requestId":"${redactText(requestId)}","caller":${who},"status":${status},"durationMs":${roundTo2(durationMs)}${code},"msg":"request"`;
}
