/** Reads answers of a service: problems become ProblemError again, and what the contract does not allow is refused. */
import { type ContractSpec, isOctets, isStream, type OperationSpec } from '@lucid/contracts';
import { errorSpecOf } from '../dispatcher.ts';
import { codeOfProblemType, ProblemError } from '../problem.ts';
import { validatorOf } from '../validation.ts';

/** Answers of proxies and of servers too broken for a problem, by status. */
const codeOfStatus: Readonly<Record<number, string>> = {
  429: 'too_many_requests',
  500: 'internal',
  502: 'unavailable',
  503: 'unavailable',
  504: 'deadline_exceeded',
};

export function problemOfAnswer(options: {
  contract: ContractSpec;
  spec: OperationSpec;
  status: number;
  document: unknown;
}): ProblemError {
  const { contract, spec, status, document } = options;
  const remote = contract.service;
  const fields =
    typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
  const code = codeOfProblemType(fields.type);
  if (code === null || !errorSpecOf(contract, spec, code)) {
    return new ProblemError(codeOfStatus[status] ?? 'bad_answer', {
      remote,
      detail: `${remote} answered ${status} without a problem that its contract knows.`,
    });
  }
  const { type: _type, title: _title, status: _status, instance: _instance, detail, ...extensions } = fields;
  return new ProblemError(code, { remote, extensions, ...(typeof detail === 'string' ? { detail } : {}) });
}

/** @throws ProblemError bad_answer */
export function assertAnswer(contract: ContractSpec, spec: OperationSpec, answer: unknown): unknown {
  const schema = spec.response;
  if (!schema || isOctets(schema) || isStream(schema) || validatorOf(schema).isValid(answer)) return answer;
  const faults = validatorOf(schema).faults(answer, '/response');
  throw new ProblemError('bad_answer', {
    remote: contract.service,
    detail: `${contract.service} answered what its contract does not allow.`,
    extensions: { faults },
  });
}
