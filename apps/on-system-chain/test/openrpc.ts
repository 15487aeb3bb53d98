/** The OpenRPC document of execution-apis, which says what every answer looks like. */
import * as Schema from 'typebox/schema';
import { sharedVector } from '../../../vectors/locate.ts';

interface OpenRpc {
  readonly methods: readonly { readonly name: string; readonly result: { readonly schema: object } }[];
}

const text = sharedVector('openrpc-eth.json');
const schemas = new Map(
  text === null
    ? []
    : (JSON.parse(text) as OpenRpc).methods.map(({ name, result }) => [name, result.schema] as const),
);
const compiled = new Map<string, ReturnType<typeof Schema.Compile>>();

export const isDescribed = (method: string): boolean => schemas.has(method);

/** What is wrong with the result of a method; empty where it is as described, or not described. */
export function shapeFaults(method: string, result: unknown): string[] {
  const schema = schemas.get(method);
  // An empty list is one of hashes and one of logs: `oneOf` takes it for neither.
  if (!schema || (Array.isArray(result) && result.length === 0)) return [];
  const judge = compiled.get(method) ?? Schema.Compile(schema as never);
  compiled.set(method, judge);
  if (judge.Check(result)) return [];
  const [, errors] = judge.Errors(result);
  return errors.slice(0, 5).map((error) => `${method}${error.instancePath}: ${error.message}`);
}

export const describedMethods = (): string[] => [...schemas.keys()];
