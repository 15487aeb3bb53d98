/** Faults of the frame of the file. */
import { concatBytes, utf8ToBytes } from '@lucid/bytes';
import {
  bundle,
  type Case,
  changed,
  cutOut,
  offsetOf,
  other,
  recordsEnd,
  sessionId,
  withSections,
} from './fault-fixtures.ts';

export const fileCases: readonly Case[] = [
  { what: 'a text', code: 'not_a_bundle', bytes: () => utf8ToBytes('hello\n'.repeat(100)), first: true },
  { what: 'another magic', code: 'preamble_damaged', bytes: () => changed(bundle, 1), first: true },
  {
    what: 'the evidence of another session',
    code: 'other_evidence',
    bytes: () => bundle,
    options: { expected: { sessionId: other.sessionId } },
    first: true,
  },
  {
    what: 'other evidence of the session',
    code: 'other_evidence',
    bytes: () => bundle,
    options: { expected: { sessionId, manifestHash: '00'.repeat(32) } },
    first: true,
  },
  { what: 'an empty file', code: 'not_a_bundle', bytes: () => new Uint8Array(), first: true },
  { what: 'version 2', code: 'wrong_version', bytes: () => changed(bundle, 9, 3), first: true },
  {
    what: 'a reserved preamble byte',
    code: 'preamble_damaged',
    bytes: () => changed(bundle, 60),
    first: true,
  },
  {
    what: 'the session id of the preamble',
    code: 'preamble_damaged',
    bytes: () => changed(bundle, 20),
    first: true,
  },
  { what: 'half a preamble', code: 'truncated_file', bytes: () => bundle.slice(0, 30), first: true },
  { what: 'half a footer', code: 'truncated_file', bytes: () => bundle.slice(0, -30), first: true },
  {
    what: 'half a section',
    code: 'truncated_file',
    bytes: () => bundle.slice(0, recordsEnd + 300),
    first: true,
  },
  { what: 'no section', code: 'truncated_file', bytes: () => bundle.slice(0, recordsEnd), first: true },
  {
    what: 'five bytes of a section',
    code: 'truncated_file',
    bytes: () => bundle.slice(0, recordsEnd + 5),
    first: true,
  },
  {
    what: 'a record cut out',
    code: 'file_size_differs',
    bytes: () => cutOut(bundle, offsetOf(4), offsetOf(5)),
  },
  {
    what: 'a record cut out',
    code: 'record_missing',
    record: 4,
    bytes: () => cutOut(bundle, offsetOf(4), offsetOf(5)),
  },
  {
    what: 'a bit of the digest',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, bundle.length - 1),
    first: true,
  },
  {
    what: 'a bit of the footer magic',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, bundle.length - 64),
    first: true,
  },
  {
    what: 'a bit of a section tag',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, recordsEnd),
    first: true,
  },
  {
    what: 'bytes behind the footer',
    code: 'trailer_damaged',
    bytes: () => concatBytes(bundle, new Uint8Array(90)),
    first: true,
  },
  ...(['MANI', 'CKPT', 'INDX', 'KEYS'] as const).map(
    (tag): Case => ({
      what: `no ${tag}`,
      code: 'section_missing',
      bytes: () => withSections({ [tag]: undefined }),
      first: true,
    }),
  ),
];
