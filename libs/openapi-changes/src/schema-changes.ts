/**
 * Which values one JSON schema accepts that another does not, as far as the schemas of contracts can say it: a list of places
 * where `to` is narrower than `from`. What is not understood and differs counts as narrower: better a question too many.
 */
import { type Json, listOf, objectOf, textsOf } from './open-api.ts';

export interface Narrowing {
  readonly kind: 'type' | 'values' | 'required' | 'removed' | 'closed' | 'bound' | 'variant' | 'other';
  /** JSON pointer into the value. */
  readonly pointer: string;
  readonly text: string;
}

/** Lower is narrower, or higher is. */
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
/** Any other value may accept less; its absence never does. */
const exact = ['pattern', 'format', 'multipleOf', 'uniqueItems', 'not', 'propertyNames'] as const;
/** Of a union, of a list, of an object: compared below by themselves. Words about a schema change no value. */
const known = new Set<string>([
  ...upperBounds,
  ...lowerBounds,
  ...exact,
  ...[
    'type',
    'enum',
    'const',
    'anyOf',
    'oneOf',
    'allOf',
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'items',
  ],
  ...[
    'description',
    'title',
    'default',
    'examples',
    'example',
    'deprecated',
    '$id',
    '$comment',
    'readOnly',
    'writeOnly',
  ],
]);

export function narrowingsOf(from: unknown, to: unknown, pointer = ''): readonly Narrowing[] {
  if (JSON.stringify(from) === JSON.stringify(to) || to === true) return [];
  const [before, after] = [objectOf(from), objectOf(to)];
  const union = unionNarrowings(before, after, pointer);
  if (union) return union;
  return [
    ...typeNarrowings(before, after, pointer),
    ...boundNarrowings(before, after, pointer),
    ...objectNarrowings(before, after, pointer),
    ...itemNarrowings(before, after, pointer),
    ...unknownNarrowings(before, after, pointer),
  ];
}

/** All the values that a schema lists one by one; null where it does not. */
function valuesOf(schema: Json): readonly string[] | null {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each));
  const variants = variantsOf(schema);
  if (!variants) return null;
  const values = variants.map((each) => valuesOf(objectOf(each)));
  return values.some((each) => each === null) ? null : values.flatMap((each) => each ?? []);
}

function variantsOf(schema: Json): readonly unknown[] | null {
  const variants = schema.anyOf ?? schema.oneOf;
  return Array.isArray(variants) ? variants : null;
}

/** Null where neither is a union or a list of values. */
function unionNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] | null {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (now) {
    if (!old) return [{ kind: 'values', pointer, text: `only ${now.join(', ')}` }];
    const lost = old.filter((each) => !now.includes(each));
    return lost.length > 0 ? [{ kind: 'values', pointer, text: `without ${lost.join(', ')}` }] : [];
  }
  // A value of a list that has become a schema of its own: judged by its type.
  if (!variantsOf(before) && !variantsOf(after)) return null;
  const offered = variantsOf(after) ?? [after];
  const refused = (variantsOf(before) ?? [before]).filter(
    (each) => !offered.some((other) => narrowingsOf(each, other).length === 0),
  );
  return refused.map((each) => ({ kind: 'variant', pointer, text: `without ${brief(each)}` }));
}

const brief = (schema: unknown): string => JSON.stringify(schema).slice(0, 80);

const typesOf = (schema: Json): readonly string[] | null => {
  if (typeof schema.type === 'string') return [schema.type];
  if (Array.isArray(schema.type)) return textsOf(schema.type);
  const values = valuesOf(schema);
  return values ? [...new Set(values.map((each) => jsonTypeOf(JSON.parse(each))))] : null;
};

function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function typeNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  const now = typesOf(after);
  if (!now) return [];
  const old = typesOf(before);
  if (!old) return [{ kind: 'type', pointer, text: `only ${now.join(', ')}` }];
  const lost = old.filter((each) => !now.includes(each) && !(each === 'integer' && now.includes('number')));
  return lost.length > 0
    ? [{ kind: 'type', pointer, text: `${old.join(', ')} became ${now.join(', ')}` }]
    : [];
}

function boundNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  const told = (name: string): Narrowing => ({
    kind: 'bound',
    pointer,
    text: `${name} ${before[name] === undefined ? 'added' : JSON.stringify(before[name])} → ${JSON.stringify(after[name])}`,
  });
  const number = (value: unknown, absent: number) => (typeof value === 'number' ? value : absent);
  const lower = upperBounds.filter((each) => number(after[each], Infinity) < number(before[each], Infinity));
  const higher = lowerBounds.filter(
    (each) => number(after[each], -Infinity) > number(before[each], absentOf(each)),
  );
  const changed = exact.filter(
    (each) =>
      after[each] !== undefined &&
      after[each] !== false &&
      JSON.stringify(after[each]) !== JSON.stringify(before[each]),
  );
  return [...lower, ...higher, ...changed].map(told);
}

/** Lengths and counts begin at 0 without being told so. */
const absentOf = (name: string): number => (name.startsWith('min') && name !== 'minimum' ? 0 : -Infinity);

function objectNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  const [old, now] = [objectOf(before.properties), objectOf(after.properties)];
  const closed = after.additionalProperties === false;
  const required = new Set(textsOf(before.required));
  const added = textsOf(after.required).filter((each) => !required.has(each));
  const gone = Object.keys(old).filter((each) => !Object.hasOwn(now, each));
  const rest = after.additionalProperties;
  return [
    ...added.map((each) => narrow('required', `${pointer}/${each}`, 'required')),
    ...(closed ? gone.map((each) => narrow('removed', `${pointer}/${each}`, 'no longer accepted')) : []),
    ...(closed && before.additionalProperties !== false
      ? [narrow('closed', pointer, 'other members are no longer accepted')]
      : []),
    ...(rest !== undefined && typeof rest === 'object' && before.additionalProperties !== false
      ? narrowingsOf(before.additionalProperties ?? {}, rest, `${pointer}/*`)
      : []),
    ...Object.keys(old).flatMap((each) =>
      Object.hasOwn(now, each) ? narrowingsOf(old[each], now[each], `${pointer}/${each}`) : [],
    ),
    ...patternNarrowings(before, after, pointer),
  ];
}

const narrow = (kind: Narrowing['kind'], pointer: string, text: string): Narrowing => ({
  kind,
  pointer,
  text,
});

/** Maps, as TypeBox writes records. */
function patternNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  const [old, now] = [objectOf(before.patternProperties), objectOf(after.patternProperties)];
  return Object.entries(now).flatMap(([pattern, schema]) =>
    narrowingsOf(old[pattern] ?? {}, schema, `${pointer}/*`),
  );
}

function itemNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  if (after.items === undefined) return [];
  if (Array.isArray(after.items))
    return JSON.stringify(before.items) === JSON.stringify(after.items)
      ? []
      : [narrow('other', `${pointer}/items`, 'another tuple')];
  return narrowingsOf(before.items ?? {}, after.items, `${pointer}/items`);
}

/** `allOf` accepts less with each member; keywords that nobody thought of are compared as they are. */
function unknownNarrowings(before: Json, after: Json, pointer: string): readonly Narrowing[] {
  const had = listOf(before.allOf).map((each) => JSON.stringify(each));
  const members = listOf(after.allOf).filter((each) => !had.includes(JSON.stringify(each)));
  const strange = Object.keys(after).filter(
    (each) =>
      !known.has(each) &&
      !each.startsWith('x-') &&
      JSON.stringify(before[each]) !== JSON.stringify(after[each]),
  );
  return [
    ...members.map((each) => narrow('other', pointer, `allOf ${brief(each)}`)),
    ...strange.map((each) => narrow('other', pointer, `${each} changed`)),
  ];
}
