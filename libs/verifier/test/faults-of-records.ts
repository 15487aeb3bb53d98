/** Faults of single records and of the index. */
import { concatBytes } from '@lucid/bytes';
import { canonicalBytes } from '@lucid/jcs';
import { encodeControlRecord } from '@lucid/session-format';
import {
  bundle,
  type Case,
  changed,
  close,
  control,
  last,
  momentOf,
  offsetOf,
  other,
  records,
  replaced,
  resigned,
  sections,
  session,
  sessionId,
  swap,
  withSections,
} from './fault-fixtures.ts';
import { assemble, indexOf, sampleSections } from './sample-session.ts';

export const recordCases: readonly Case[] = [
  {
    what: 'a record cut in half, nothing behind',
    code: 'truncated_record',
    record: 5,
    bytes: () => bundle.slice(0, offsetOf(5) + 200),
  },
  {
    what: 'a record header cut in half',
    code: 'truncated_record',
    record: 5,
    bytes: () => bundle.slice(0, offsetOf(5) + 20),
  },
  {
    what: 'a bit of a payload',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 130),
    first: true,
  },
  {
    what: 'a bit of a nonce',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 90),
    first: true,
  },
  {
    what: 'the index in a header',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 47, 3),
    first: true,
  },
  {
    what: 'the time in a header',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 71, 1),
    first: true,
  },
  {
    what: 'a record dropped, everything but the signature made anew',
    code: 'record_missing',
    record: 4,
    bytes: () => {
      const left = records.filter((_, at) => at !== 4);
      return assemble(sessionId, {
        records: left,
        sections: { ...sampleSections(session, left), CKPT: sections.CKPT! },
      });
    },
    first: true,
  },
  {
    what: 'the last records dropped, the index made anew',
    code: 'record_missing',
    record: last - 1,
    bytes: () => {
      const left = records.slice(0, -2);
      return assemble(sessionId, {
        records: left,
        sections: { ...sections, INDX: indexOf({ records: left }) },
      });
    },
  },
  {
    what: 'a record twice',
    code: 'record_duplicated',
    record: 5,
    bytes: () => assemble(sessionId, { records: [...records.slice(0, 6), ...records.slice(5)], sections }),
  },
  {
    what: 'a record in the place of another',
    code: 'record_duplicated',
    record: 4,
    bytes: () => assemble(sessionId, { records: replaced(4, records[6]!), sections }),
  },
  {
    what: 'a record twice, everything signed anew',
    code: 'record_duplicated',
    record: 5,
    bytes: () => resigned([...records.slice(0, 6), ...records.slice(5)]),
    first: true,
  },
  {
    what: 'two records swapped',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => assemble(sessionId, { records: swap(3, 6), sections }),
    first: true,
  },
  {
    what: 'two neighbours swapped',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => assemble(sessionId, { records: swap(3, 4), sections }),
    first: true,
  },
  {
    what: 'two records swapped, everything signed anew',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => resigned(swap(3, 6)),
    first: true,
  },
  {
    what: 'a record of another session',
    code: 'foreign_record',
    record: 4,
    bytes: () => assemble(sessionId, { records: replaced(4, other.records[4]!), sections }),
  },
  {
    what: 'a record of another session, everything signed anew',
    code: 'foreign_record',
    record: 4,
    bytes: () => resigned(replaced(4, other.records[4]!)),
    first: true,
  },
  {
    what: 'a bit of a record magic',
    code: 'record_header_invalid',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4)),
    first: true,
  },
  {
    what: 'a bit of a payload size',
    code: 'record_header_invalid',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 54),
    first: true,
  },
  {
    what: 'another hash in the index',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: changed(sections.INDX!, 44 * 4 + 20) }),
    first: true,
  },
  {
    what: 'another offset in the index',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: changed(sections.INDX!, 44 * 4 + 7) }),
    first: true,
  },
  {
    what: 'a row too few',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: sections.INDX!.slice(0, -44) }),
    first: true,
  },
  {
    what: 'a row too many',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: concatBytes(sections.INDX!, sections.INDX!.subarray(0, 44)) }),
    first: true,
  },
  {
    what: 'half a row',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: sections.INDX!.slice(0, -4) }),
    first: true,
  },
  {
    what: 'a changed record with its index row',
    code: 'root_differs',
    bytes: () => {
      const forged = replaced(4, changed(records[4]!, 140));
      return assemble(sessionId, {
        records: forged,
        sections: { ...sections, INDX: indexOf({ records: forged }) },
      });
    },
    first: true,
  },
  {
    what: 'a record added behind the end',
    code: 'root_differs',
    record: last + 1,
    bytes: () => {
      const longer = [...records, control('close', last, close())];
      longer[last + 1] = concatBytes(
        ...encodeControlRecord({
          type: 'close',
          sessionId,
          index: last + 1,
          atUs: momentOf(last),
          payload: canonicalBytes(close()),
        }),
      );
      return assemble(sessionId, {
        records: longer,
        sections: { ...sections, INDX: indexOf({ records: longer }) },
      });
    },
    first: true,
  },
];
