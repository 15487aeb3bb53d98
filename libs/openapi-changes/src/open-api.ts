/** The parts of an OpenAPI 3.1 document that are compared, as far as they may be missing or of another shape. */
export type Json = Readonly<Record<string, unknown>>;

export interface OpenApi {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components?: Json;
}

export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((each): each is string => typeof each === 'string');

/** Whether the second version has another, higher major part. */
export function raisesMajor(before: string, after: string): boolean {
  const [from, to] = [before, after].map((each) => Number.parseInt(each, 10));
  return from !== undefined && to !== undefined && to > from;
}
