import { bytesToUtf8, utf8ToBytes } from '@lucid/bytes';
import { canonicalBytes, canonicalJson } from '@lucid/jcs';
import fc from 'fast-check';
import { checkedPolicy, openPolicy } from '../test/samples.ts';
import {
  checkPolicy,
  customPolicy,
  encodePolicy,
  matchHeader,
  namedPolicies,
  type PolicyChanges,
  parsePolicy,
  programExtensions,
} from './index.ts';

const { strict, standard } = namedPolicies;

test('hashes computed by another program (Python: json.dumps with sorted keys, hashlib)', () => {
  expect(checkedPolicy(strict).hash).toBe('3763b545b46c8cb0e3b9bd1e6c78ec16733a9bdcd1dac09a4b60e1e92c8224a1');
  expect(checkedPolicy(standard).hash).toBe(
    '4617bb0b6ad02eab001b2a476ed331994672ae997d69885c4e3733596724c74a',
  );
});

test('a policy comes back as it was written, frozen, and of one hash', () => {
  for (const policy of [strict, standard, openPolicy]) {
    const checked = checkedPolicy(policy);
    expect(checked.policy).toEqual(policy);
    expect(parsePolicy(encodePolicy(checked))).toEqual({ ok: true, value: checked });
    expect(Object.isFrozen(checked) && Object.isFrozen(checked.policy.files.folders)).toBe(true);
    expect(() => Object.assign(checked.policy.clipboard, { hostToRemote: true })).toThrow(TypeError);
  }
});

test('what is judged is a copy', () => {
  const mine = structuredClone(openPolicy) as { clipboard: { maxBytes: number } };
  const checked = checkedPolicy(mine);
  mine.clipboard.maxBytes = 5;
  expect(checked.policy.clipboard.maxBytes).toBe(1000);
});

type Path = readonly (string | number)[];

function* places(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value))
    yield* places((value as Record<string, unknown>)[name], [...path, name]);
}

/** A copy of `value` in which `change` was done to the holder of the place. */
function changedAt(
  value: unknown,
  path: Path,
  change: (holder: Record<string, unknown>, name: string) => void,
): unknown {
  const copy = structuredClone(value);
  let holder = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  change(holder, String(path.at(-1)));
  return copy;
}

const everyPlace = [...places(openPolicy)];

test('every member is needed and none may be null; there is no other', () => {
  expect(everyPlace.length).toBeGreaterThan(60);
  for (const path of everyPlace) {
    const nulled = changedAt(openPolicy, path, (holder, name) => {
      holder[name] = null;
    });
    expect({ path, ok: checkPolicy(nulled).ok }).toEqual({ path, ok: false });
    const inList = Array.isArray(
      path.slice(0, -1).reduce<unknown>((at, name) => (at as never)[name], openPolicy),
    );
    if (inList) continue;
    const without = changedAt(openPolicy, path, (holder, name) => {
      delete holder[name];
    });
    expect({ path, ok: checkPolicy(without).ok }).toEqual({ path, ok: false });
    for (const extra of ['extra', '__proto__', 'constructor', 'toString']) {
      const added = changedAt(openPolicy, path, (holder) => {
        Object.defineProperty(holder, extra, { value: true, enumerable: true });
      });
      expect(checkPolicy(added)).toEqual({
        ok: false,
        detail: expect.stringContaining(`.${extra} is not a member`),
      });
    }
  }
});

test('any change of any value is another hash or no policy', () => {
  const { hash } = checkedPolicy(openPolicy);
  const change = (value: unknown): unknown => {
    if (typeof value === 'boolean') return !value;
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'string') return `${value}z`;
    return Array.isArray(value) ? value.slice(1) : {};
  };
  let others = 0;
  for (const path of everyPlace) {
    const judged = checkPolicy(
      changedAt(openPolicy, path, (holder, name) => {
        holder[name] = change(holder[name]);
      }),
    );
    if (!judged.ok) continue;
    others++;
    expect({ path, same: judged.value.hash === hash }).toEqual({ path, same: false });
  }
  expect(others).toBeGreaterThan(40);
});

test('the order of members changes nothing', () => {
  const shuffled = (value: unknown, keys: readonly number[]): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => shuffled(each, keys));
    const entries = Object.entries(value).map(([name, each]) => [name, shuffled(each, keys)] as const);
    return Object.fromEntries(
      entries
        .map((entry, at) => ({ entry, key: keys[at % keys.length]! }))
        .sort((a, b) => a.key - b.key)
        .map(({ entry }) => entry),
    );
  };
  const { hash } = checkedPolicy(openPolicy);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 3, maxLength: 12 }), (keys) => {
      expect(checkedPolicy(shuffled(openPolicy, keys)).hash).toBe(hash);
    }),
  );
});

const rule = { effect: 'allow', host: '*', ports: [{ from: 1, until: 2 }], path: '*' } as const;
const window = { days: [1], fromMinute: 0, untilMinute: 1 };
test.each<[string, PolicyChanges]>([
  ['mouseRateHz', { input: { mouseRateHz: 0 } }],
  ['mouseRateHz', { input: { mouseRateHz: 241 } }],
  ['blockedKeys', { input: { blockedKeys: ['b', 'a'] } }],
  ['blockedKeys', { input: { blockedKeys: ['a', 'a'] } }],
  ['blockedKeys', { input: { blockedKeys: ['**'] } }],
  ['clipboard.maxBytes', { clipboard: { maxBytes: 1_048_577 } }],
  ['clipboard.maxBytes', { clipboard: { maxBytes: 0.5 } }],
  ['clipboard.types', { clipboard: { types: ['text/*'] } }],
  ['files.maxBytes', { files: { maxBytes: 104_857_601 } }],
  ['maxPerSession', { files: { maxPerSession: 101 } }],
  ['folders', { files: { folders: ['/a/../b'] } }],
  ['extensions', { files: { extensions: ['.txt'] } }],
  ...programExtensions.map((each): [string, PolicyChanges] => ['program', { files: { extensions: [each] } }]),
  ['longestMs', { time: { longestMs: 86_400_001 } }],
  ['idleMs', { time: { idleMs: 0 } }],
  ['days', { time: { windows: [{ ...window, days: [0] }] } }],
  ['days', { time: { windows: [{ ...window, days: [2, 1] }] } }],
  ['untilMinute', { time: { windows: [{ ...window, fromMinute: 1 }] } }],
  ['host', { resources: [{ ...rule, host: 'A' }] }],
  ['until', { resources: [{ ...rule, ports: [{ from: 3, until: 2 }] }] }],
  ['from', { resources: [{ ...rule, ports: [{ from: 0, until: 2 }] }] }],
  ['path', { resources: [{ ...rule, path: '/a*' }] }],
  ['resources', { resources: new Array(257).fill(rule) }],
])('bounds: %s', (named, changes) => {
  expect(checkPolicy(customPolicy(changes))).toEqual({ ok: false, detail: expect.stringContaining(named) });
});

test('a name stands for its policy only', () => {
  expect(checkPolicy({ ...standard, profile: 'custom' }).ok).toBe(true);
  expect(checkPolicy({ ...standard, profile: 'strict' })).toMatchObject({
    detail: expect.stringContaining('"custom"'),
  });
  expect(checkPolicy({ ...strict, recording: { input: true } }).ok).toBe(false);
  expect(customPolicy({}, strict)).toEqual({ ...strict, profile: 'custom' });
});

test('bytes that are no canonical policy are refused', () => {
  const canonical = canonicalJson(standard);
  for (const text of [
    '',
    '{}',
    'null',
    '[]',
    `${canonical}\n`,
    JSON.stringify(standard),
    canonical.replace('{', '{"a":1,'),
  ])
    expect(parsePolicy(utf8ToBytes(text)).ok).toBe(false);
  expect(parsePolicy(canonicalBytes({ a: 'x'.repeat(70_000) }))).toMatchObject({
    detail: expect.stringContaining('too-large'),
  });
  expect(parsePolicy('text' as unknown as Uint8Array).ok).toBe(false);
});

test('nothing makes the readers throw', () => {
  const base = encodePolicy(checkedPolicy(openPolicy));
  fc.assert(
    fc.property(fc.nat(base.length - 1), fc.nat(255), (at, byte) => {
      const bytes = base.slice();
      bytes[at] = byte;
      const judged = parsePolicy(bytes);
      if (judged.ok) expect(bytesToUtf8(encodePolicy(judged.value))).toBe(bytesToUtf8(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
      expect(checkPolicy(value).ok).toBe(false);
    }),
  );
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  expect(checkPolicy(hostile).ok).toBe(false);
});

test('a header names this policy, none, or another', () => {
  const checked = checkedPolicy(standard);
  expect(matchHeader({ policyHash: checked.hash }, checked)).toBe('same');
  expect(matchHeader({}, checked)).toBe('none_named');
  expect(matchHeader({ policyHash: checkedPolicy(strict).hash }, checked)).toBe('differs');
  expect(matchHeader({ policyHash: checked.hash }, { ...checked })).toBe('differs');
});
