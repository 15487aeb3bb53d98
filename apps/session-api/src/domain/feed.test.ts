import fc from 'fast-check';
import type { DecisionRow } from '../store/session-row.ts';
import type { Pipeline } from './directory.ts';
import { eventsOf, eventText, type FeedEvent, type Look } from './feed.ts';
import { type FeedCursor, feedStart, formatCursor, parseCursor } from './feed-cursor.ts';

const cursors = fc.record({
  records: fc.nat(),
  decisions: fc.nat(),
  state: fc.constantFrom('none', 'created', 'recording', 'paused', 'completed'),
});

test('a cursor is read back as it was written, and nothing else is one', () => {
  fc.assert(fc.property(cursors, (cursor) => expect(parseCursor(formatCursor(cursor))).toEqual(cursor)));
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseCursor(text);
      expect(parsed === null || formatCursor(parsed) === text).toBe(true);
    }),
  );
  for (const text of [
    '',
    '1',
    '1-2',
    '01-2-x',
    '1-2-',
    '-1-2-x',
    '1-2-X',
    '1-2-x\n',
    '1e3-2-x',
    `${'9'.repeat(16)}-1-x`,
  ])
    expect(parseCursor(text)).toBeNull();
});

interface Story {
  readonly records: number;
  readonly decisions: number;
  readonly state: string;
}

/** What a look finds behind a cursor when the session is as the story says; `page` at a time. */
function lookAt({ records, decisions, state }: Story, from: FeedCursor, page: number): Look {
  const leaves = Array.from({ length: Math.max(0, Math.min(page, records - from.records)) }, (_, at) =>
    String(from.records + at),
  );
  const rows: DecisionRow[] = Array.from(
    { length: Math.max(0, Math.min(page, decisions - from.decisions)) },
    (_, at) => ({ sessionId: 'x', sequence: from.decisions + at + 1, atUs: at, detail: {} }),
  );
  const more = leaves.length === page || rows.length === page;
  return { pipeline: { state } as Pipeline, leaves, decisions: rows, more };
}

/** All that a reader gets who looks until nothing is new. */
function readAll(story: Story, from: FeedCursor, page: number): FeedEvent[] {
  const got: FeedEvent[] = [];
  let cursor = from;
  for (;;) {
    const events = eventsOf(cursor, lookAt(story, cursor, page));
    got.push(...events);
    cursor = events.at(-1)?.cursor ?? cursor;
    if (events.length === 0 || events.at(-1)?.event === 'end') return got;
  }
}
const stories = fc.record({
  records: fc.nat({ max: 40 }),
  decisions: fc.nat({ max: 20 }),
  state: fc.constantFrom('recording', 'paused', 'completed', 'failed'),
});

test('whoever comes back behind any event gets what follows it, and nothing twice', () => {
  fc.assert(
    fc.property(
      stories,
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      (story, page, cut, other) => {
        const whole = readAll(story, feedStart, page);
        const at = whole.length === 0 ? 0 : cut % whole.length;
        const id = parseCursor(formatCursor(whole[at]?.cursor ?? feedStart));
        if (!id) throw new Error('a cursor of ours is none');
        const all = [...whole.slice(0, at + 1), ...readAll(story, id, other)];
        const told = (event: string) => all.filter((each) => each.event === event).map(({ data }) => data);
        expect(told('record').map((data) => (data as { index: number }).index)).toEqual(
          Array.from({ length: story.records }, (_, index) => index),
        );
        expect(told('policy').map((data) => (data as { sequence: number }).sequence)).toEqual(
          Array.from({ length: story.decisions }, (_, index) => index + 1),
        );
        expect(told('state')).toEqual([{ state: story.state }]);
      },
    ),
  );
});

test('an end is told behind all that it ended', () => {
  const events = readAll({ records: 5, decisions: 3, state: 'completed' }, feedStart, 2);
  expect(events.slice(-2).map(({ event }) => event)).toEqual(['state', 'end']);
});

test('an event is one of server-sent events: no line of its data can end it', () => {
  const cursor = { records: 1, decisions: 2, state: 'recording' };
  const text = eventText({ event: 'state', data: { reason: 'a\n\ndata: b\r\nid: 9' }, cursor });
  expect(text.split('\n')).toHaveLength(5);
  expect(text.startsWith('id: 1-2-recording\nevent: state\ndata: {')).toBe(true);
  expect(text).not.toContain('\r');
});
