/** What an operation accepts, worked out once when its service starts. */
import { isOctets, type OperationSpec } from '@lucid/contracts';
import type { TSchema } from 'typebox';
import { ProblemError } from '../problem.ts';
import { defaultsFiller, type Fault, validatorOf } from '../validation.ts';

export interface DispatchInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

type PartName = 'params' | 'query' | 'body';
type PartJudge = (given: unknown, faults: Fault[]) => unknown;

/** The input with its defaults. @throws ProblemError invalid_request, payload_too_large */
export function createInputJudge(spec: OperationSpec): (input: DispatchInput) => DispatchInput {
  const params = partJudge('params', spec);
  const query = partJudge('query', spec);
  const body = partJudge('body', spec);
  return (input) => {
    const faults: Fault[] = [];
    const judged = {
      params: params?.(input.params, faults),
      query: query?.(input.query, faults),
      body: body?.(input.body, faults),
    };
    if (faults.length === 0) return judged;
    throw new ProblemError('invalid_request', {
      detail: 'The request does not match the contract; `faults` says where.',
      extensions: { faults },
    });
  };
}

function partJudge(part: PartName, spec: OperationSpec): PartJudge | undefined {
  const schema = spec[part];
  if (!schema) return undefined;
  if (isOctets(schema)) return (given) => judgeOctets(given, schema.maxBytes);
  return schemaJudge(part, schema);
}

function schemaJudge(part: PartName, schema: TSchema): PartJudge {
  const validator = validatorOf(schema);
  const withDefaults = defaultsFiller(schema);
  return (given, faults) => {
    const value = withDefaults(given ?? (part === 'query' ? {} : undefined));
    if (!validator.isValid(value)) faults.push(...validator.faults(value, `/${part}`));
    return value;
  };
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
