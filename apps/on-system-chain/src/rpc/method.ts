/** A method of JSON-RPC: what it takes, and what it does. */
import { JsonText } from '@lucid/service-kit';
import type { Parameter } from './parameters.ts';
import { ParameterError } from './rpc-error.ts';

/** Who asks: over a socket that stays open, subscriptions are possible. */
export interface RpcCaller {
  readonly subscriptions?: SubscriptionHolder | undefined;
}

/** Subscriptions of one connection. */
export interface SubscriptionHolder {
  /** Gives its identifier. @throws RpcError where the connection has too many */
  add(start: (notify: (result: unknown) => void) => () => void): string;
  remove(id: string): boolean;
}

type Values<P extends readonly Parameter<unknown>[]> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** The result, as a value or as its JSON. */
export type MethodResult = unknown | JsonText | Promise<unknown>;

export interface Method {
  readonly parameters: readonly Parameter<unknown>[];
  readonly run: (values: readonly never[], caller: RpcCaller) => MethodResult;
}

export type Methods = Readonly<Record<string, Method>>;

export const method = <const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  run: (values: Values<P>, caller: RpcCaller) => MethodResult,
): Method => ({ parameters, run: run as unknown as Method['run'] });

/** Values of the parameters, in the words of geth. @throws ParameterError */
export function readParameters(parameters: readonly Parameter<unknown>[], given: unknown): unknown[] {
  if (given !== undefined && given !== null && !Array.isArray(given))
    throw new ParameterError('non-array args');
  const values: readonly unknown[] = (given as readonly unknown[] | null | undefined) ?? [];
  if (values.length > parameters.length)
    throw new ParameterError(`too many arguments, want at most ${parameters.length}`);
  return parameters.map((parameter, index) => readOne(parameter, values[index], index));
}

function readOne(parameter: Parameter<unknown>, value: unknown, index: number): unknown {
  if (value === undefined || value === null) {
    if (parameter.isOptional) return undefined;
    throw new ParameterError(`missing value for required argument ${index}`);
  }
  try {
    return parameter.read(value);
  } catch (error) {
    if (error instanceof ParameterError)
      throw new ParameterError(`invalid argument ${index}: ${error.message}`);
    throw error;
  }
}

export const isJsonText = (value: unknown): value is JsonText => value instanceof JsonText;
