/** Generators of what a contract does not expect: each near enough to the real thing to get past the first check. */
import { type Body, type ContractSpec, isOctets, type OperationSpec } from '@lucid/contracts';
import fc from 'fast-check';
import type { TObject, TSchema } from 'typebox';

export interface WireBody {
  readonly bytes: Uint8Array;
  /** Null: the one that the operation takes. */
  readonly mediaType: string | null;
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Ids of sessions that exist, so that requests get further than to a lookup; whoever runs the services fills it. */
export const knownSessionIds: string[] = ['ab'.repeat(32)];

/** Strings that programs have stumbled over. */
const nasty: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e\u0301',
  '😀'.repeat(20),
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  "' or 1=1 --",
  '{"$gt":""}',
  '$where',
  '__proto__',
  'constructor',
  '<script>',
  '-0',
  '1e999',
  'NaN',
  '9007199254740993',
  '-1',
  '0x10',
  '1.5',
  'true',
  'null',
  'x'.repeat(5000),
  '0'.repeat(64),
  'f'.repeat(64),
  'F'.repeat(64),
];

const nastyText = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 80 }));

const nastyNumber = fc.oneof(
  fc.constantFrom(-1, -0, 0.5, 1e21, 2 ** 53, 2 ** 53 + 2, 1e308, -1e308, 65_536, 2 ** 31, 2 ** 32),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat(),
);

const anything: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  nastyNumber,
  fc.boolean(),
  fc.constant(null),
  fc.array(nastyText, { maxLength: 4 }),
  fc.dictionary(nastyText, fc.oneof(nastyText, nastyNumber), { maxKeys: 4 }),
);

type Schema = TSchema & {
  readonly type?: string;
  readonly anyOf?: readonly TSchema[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
};

/** A value that the schema takes, as far as is needed here. */
function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => fitting(each as Schema)));
  if (schema.properties)
    return fc.record(
      Object.fromEntries(
        Object.entries(schema.properties).map(([name, each]) => [name, fitting(each as Schema)]),
      ),
    );
  if (schema.type === 'array')
    return fc.array(fitting(schema.items as Schema), { minLength: 1, maxLength: 3 });
  if (schema.type === 'integer')
    return fc.integer({
      min: Math.max(schema.minimum ?? 0, -(2 ** 31)),
      max: Math.min(schema.maximum ?? 2 ** 31 - 1, 2 ** 31 - 1),
    });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'object') return fc.constant({});
  if (schema.pattern?.includes('{64}')) return fc.constantFrom(...knownSessionIds, '0'.repeat(64));
  if (schema.pattern?.includes('age1'))
    return fc.constantFrom(
      'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
      `age1${'q'.repeat(58)}`,
    );
  return fc.string({ minLength: schema.minLength ?? 0, maxLength: 40 });
}

/** A fitting value with one thing wrong: a member exchanged, dropped, added, or everything else. */
function nearMiss(schema: Schema): fc.Arbitrary<unknown> {
  if (!schema.properties) return anything;
  const names = Object.keys(schema.properties);
  const change = fc.record({
    name: fc.oneof(fc.constantFrom(...names), nastyText),
    value: anything,
    how: fc.constantFrom('exchange', 'drop', 'none'),
  });
  return fc.tuple(fitting(schema), change).map(([value, { name, value: wrong, how }]) => {
    const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
    if (how === 'drop') delete copy[name];
    if (how === 'exchange') copy[name] = wrong;
    return copy;
  });
}

const deep = fc
  .integer({ min: 10, max: 20_000 })
  .chain((depth) =>
    fc.constantFrom('['.repeat(depth) + ']'.repeat(depth), `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  );

const brokenJson = fc.constantFrom(
  '',
  '{',
  '{"a":1',
  'nul',
  '[1,]',
  '{"a":1}{"a":1}',
  '\ufeff{}',
  '{"__proto__":{"a":1}}',
  '{"a":1e999}',
  '"\\ud800"',
);

const mediaTypes = fc.constantFrom(
  'text/plain',
  'application/xml',
  'application/octet-stream',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  '',
  '::',
);

/** Bodies: near misses, anything at all, nesting, text that is no JSON, other media types. */
export function hostileBody(body: Body): fc.Arbitrary<WireBody> {
  const own = null;
  const octetsBody = fc.uint8Array({ maxLength: 3000 }).map((bytes) => ({ bytes, mediaType: own }));
  const json = (value: fc.Arbitrary<unknown>) =>
    value.map((each) => ({ bytes: utf8(JSON.stringify(each) ?? 'null'), mediaType: own }));
  const text = (value: fc.Arbitrary<string>) => value.map((each) => ({ bytes: utf8(each), mediaType: own }));
  const otherType = fc
    .tuple(mediaTypes, fc.uint8Array({ maxLength: 100 }))
    .map(([mediaType, bytes]) => ({ bytes, mediaType }));
  if (isOctets(body)) return fc.oneof({ weight: 4, arbitrary: octetsBody }, otherType);
  return fc.oneof(
    { weight: 6, arbitrary: json(nearMiss(body as Schema)) },
    { weight: 2, arbitrary: json(anything) },
    { weight: 1, arbitrary: text(deep) },
    { weight: 1, arbitrary: text(brokenJson) },
    { weight: 1, arbitrary: otherType },
    { weight: 1, arbitrary: octetsBody },
  );
}

/** What may stand in a request line: everything else Node's client would refuse to send. */
/** A lone surrogate becomes U+FFFD. */
const inTarget = (text: string): string => encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));

const rawSegments = fc.constantFrom('%00', '%zz', '%c0%af', '..', '.', '%2e%2e', '', '//', ';a=b', '%F0%9F');

function segment(schema: TSchema | undefined): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: fitting((schema ?? {}) as Schema).map((each) => inTarget(String(each))) },
    { weight: 2, arbitrary: nastyText.map(inTarget) },
    { weight: 1, arbitrary: rawSegments },
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

const pair = ([name, value]: readonly [string, unknown]): string =>
  `${inTarget(name)}=${inTarget(textOf(value))}`;

/** The address of an operation with hostile parameters. */
export function hostilePath(contract: ContractSpec, spec: OperationSpec): fc.Arbitrary<string> {
  const parts = (contract.basePath + spec.path).split(/(:[A-Za-z]+|\*)/);
  const schemas = (spec.params?.properties ?? {}) as Record<string, TSchema>;
  return fc
    .tuple(
      ...parts.map((part) =>
        part.startsWith(':') || part === '*' ? segment(schemas[part.replace(/^:/, '')]) : fc.constant(part),
      ),
    )
    .map((texts) => texts.join(''));
}

export function hostileQuery(spec: OperationSpec): fc.Arbitrary<string> {
  const schema = spec.query as TObject | undefined;
  const odd = fc.array(fc.tuple(nastyText, nastyText), { maxLength: 3 });
  if (!schema) return odd.map((pairs) => (pairs.length > 0 ? `?${pairs.map(pair).join('&')}` : ''));
  const known = nearMiss(schema as Schema).map((value) =>
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  return fc.tuple(known, fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, odd)).map(([right, wrong]) => {
    const pairs = [...right, ...wrong].map(pair);
    return pairs.length > 0 ? `?${pairs.join('&')}` : '';
  });
}
