import { encodeDocument, encodeIndex, parseIndex } from '@lucid/session-format';
import { createBytesReader, faultCodes, verifyBundle } from '../src/index.ts';
import { last, momentOf, records, sections, session } from './fault-fixtures.ts';
import { fileCases } from './faults-of-files.ts';
import { recordCases } from './faults-of-records.ts';
import { sessionCases } from './faults-of-sessions.ts';
import { trustCases } from './faults-of-trust.ts';
import { sampleManifest, timeOf } from './sample-session.ts';

const cases = [...fileCases, ...recordCases, ...trustCases, ...sessionCases];

describe.each(cases)('$code: $what', ({ code, record, first, bytes, options }) => {
  test('is named', async () => {
    const verdict = await verifyBundle(createBytesReader(bytes()), options);
    const found = verdict.faults.map((fault) => ({ code: fault.code, record: fault.record }));
    expect(verdict.ok).toBe(false);
    if (first) expect(found[0]).toEqual({ code, record });
    else expect(found).toContainEqual({ code, record });
    const fault = verdict.faults.find((each) => each.code === code && each.record === record)!;
    for (const part of [fault.expected, fault.found]) expect(part.length).toBeGreaterThan(0);
    expect(fault.message).toContain(fault.expected);
    if (record === undefined) return;
    expect(fault.message).toContain(`ecord ${record}`);
    // Between the end of the record before and the beginning of the one behind it.
    const from = record === 0 ? momentOf(0) : timeOf(records[Math.min(record - 1, last)]!).untilUs;
    const until = record + 1 > last ? Number.POSITIVE_INFINITY : momentOf(record + 1);
    expect(fault.atUs).toBeGreaterThanOrEqual(from);
    expect(fault.atUs).toBeLessThanOrEqual(until);
  });
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
