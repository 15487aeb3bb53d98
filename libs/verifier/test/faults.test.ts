import { encodeDocument, encodeIndex, parseIndex } from '@lucid/session-format';
import {
  createBytesReader,
  faultCodes,
  type VerifyOptions,
  verdictExitCode,
  verifyBundle,
} from '../src/index.ts';
import {
  bundle,
  changed,
  last,
  momentOf,
  openWith,
  other,
  records,
  sections,
  session,
  trusted,
  withSections,
} from './fault-fixtures.ts';
import { chainCases } from './faults-of-chains.ts';
import { fileCases } from './faults-of-files.ts';
import { recordCases } from './faults-of-records.ts';
import { sessionCases } from './faults-of-sessions.ts';
import { trustCases } from './faults-of-trust.ts';
import { sampleManifest, timeOf } from './sample-session.ts';

const cases = [...fileCases, ...recordCases, ...trustCases, ...chainCases, ...sessionCases];

describe.each(cases)('$code: $what', ({ code, record, first, bytes, options }) => {
  test('is named', async () => {
    const verdict = await verifyBundle(createBytesReader(await bytes()), options);
    const found = verdict.faults.map((fault) => ({ code: fault.code, record: fault.record }));
    expect(verdict.ok).toBe(false);
    if (first) expect(found[0]).toEqual({ code, record });
    else expect(found).toContainEqual({ code, record });
    const fault = verdict.faults.find((each) => each.code === code && each.record === record)!;
    for (const part of [fault.expected, fault.found]) expect(part.length).toBeGreaterThan(0);
    expect(fault.message).toContain(fault.found);
    // What was expected and what was found is said once each, or in a clause of its own.
    for (const word of ['expected', 'found'])
      expect(fault.message.match(new RegExp(`\\b${word}\\b`, 'g')) ?? []).toHaveLength(
        fault.message.includes(`expected ${fault.expected}, found ${fault.found}`) ? 1 : 0,
      );
    if (record === undefined) return;
    expect(fault.message).toContain(`ecord ${record}`);
    // Between the end of the record before and the beginning of the one behind it.
    const from = record === 0 ? momentOf(0) : timeOf(records[Math.min(record - 1, last)]!).untilUs;
    const until = record + 1 > last ? Number.POSITIVE_INFINITY : momentOf(record + 1);
    expect(fault.atUs).toBeGreaterThanOrEqual(from);
    expect(fault.atUs).toBeLessThanOrEqual(until);
  });
});

test.each(['read', 'from-index'] as const)(
  'a changed index is named as such, and no record blamed: chunks %s',
  async (recordHashes) => {
    const bytes = withSections({ INDX: changed(sections.INDX!, 44 * 4 + 20) });
    const recall = jest.fn(() => ({}));
    const verdict = await verifyBundle(createBytesReader(bytes), { recordHashes, recall });
    expect(recall).toHaveBeenCalledTimes(1);
    expect(verdict.faults.map(({ code }) => code)).toEqual(['index_wrong']);
    expect(verdict.faults[0]?.message).toContain('section INDX');
    expect(verdict).toMatchObject({ firstBad: null, summary: { soundRecords: records.length } });
  },
);

test.each([
  ['MANI', ['manifest_malformed', 'manifest_differs', 'anchor_differs']],
  ['CKPT', ['checkpoint_malformed', 'foreign_checkpoint', 'checkpoint_signature_wrong']],
  ['INDX', ['index_wrong']],
  ['ANCH', ['anchor_malformed', 'anchor_differs', 'anchor_inclusion_wrong', 'anchor_signature_wrong']],
] as const)('an edit of section %s is told as one of that part, and no record blamed', async (tag, codes) => {
  const body = sections[tag]!;
  for (let at = 0; at < body.length; at += 3) {
    const bytes = withSections({ [tag]: changed(body, at) });
    const { ok, faults, firstBad } = await verifyBundle(createBytesReader(bytes), trusted);
    const others = faults.filter(({ code }) => !(codes as readonly string[]).includes(code));
    expect([at, ok, others, firstBad]).toEqual([at, false, [], null]);
  }
});

test('exit codes: only a missing identity leaves a verdict open', async () => {
  const codeOf = async (options: VerifyOptions) =>
    verdictExitCode(await verifyBundle(createBytesReader(bundle), options));
  expect(await codeOf(trusted)).toBe(0);
  expect(await codeOf(openWith(null))).toBe(3);
  expect(await codeOf({ ...openWith(null), expected: { sessionId: other.sessionId } })).toBe(1);
});

test('every code has a case', () => {
  const covered = new Set(cases.map(({ code }) => code));
  expect(faultCodes.filter((code) => !covered.has(code))).toEqual([]);
});

test('a record index that parses as written stays a row of 44 bytes', () => {
  const parsed = parseIndex(sections.INDX!);
  expect(parsed.ok && encodeIndex(parsed.value)).toEqual(sections.INDX);
});

test('the manifest of a bundle is what the test writes', () => {
  expect(sections.MANI).toEqual(encodeDocument('manifest', sampleManifest(session)));
});
