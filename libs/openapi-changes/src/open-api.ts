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

/** Whether a version with a higher major part follows, or the first promised nothing yet (0.y.z; Semantic Versioning 2.0.0, 4). */
export function mayBreak(before: string, after: string): boolean {
  const [from, to] = [before, after].map((each) => Number.parseInt(each, 10));
  return from === 0 || (from !== undefined && to !== undefined && to > from);
}
