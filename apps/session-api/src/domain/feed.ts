/**
 * Live events of a session. What is told comes out of stores (state, leaves, decisions), never out of a queue: a reader that is slow or
 * comes back finds all records and decisions in order, and the state as it is now. One look serves all who follow a session.
 */
import { isProblem } from '@lucid/service-kit';
import type { DecisionRow } from '../store/session-row.ts';
import type { Clients, Dependencies } from './dependencies.ts';
import type { Directory, Pipeline } from './directory.ts';
import { type FeedCursor, formatCursor } from './feed-cursor.ts';

const HASH_BYTES = 32;
const RECORDS_PER_LOOK = 256;
const DECISIONS_PER_LOOK = 100;
/** Proxies cut what is silent for a minute. */
const KEEP_ALIVE_MS = 15_000;

const endStates: ReadonlySet<string> = new Set(['completed', 'failed', 'deleted']);

export interface FeedEvent {
  readonly event: 'state' | 'record' | 'policy' | 'end';
  readonly data: object;
  /** Where the reader is once it has this one. */
  readonly cursor: FeedCursor;
}

/** What is there behind a cursor. */
export interface Look {
  readonly pipeline: Pipeline;
  /** Leaf hashes of the records from `cursor.records` on. */
  readonly leaves: readonly string[];
  readonly decisions: readonly DecisionRow[];
  /** More than this look could hold. */
  readonly more: boolean;
}

/** The events that take a reader from `cursor` to what was seen, in order. */
export function eventsOf(cursor: FeedCursor, { pipeline, leaves, decisions, more }: Look): FeedEvent[] {
  const events: FeedEvent[] = [];
  let at = cursor;
  const add = (event: FeedEvent['event'], data: object, step: Partial<FeedCursor>) => {
    at = { ...at, ...step };
    events.push({ event, data, cursor: at });
  };
  for (const leafHash of leaves) add('record', { index: at.records, leafHash }, { records: at.records + 1 });
  for (const { sequence, atUs, detail } of decisions)
    add('policy', { sequence, atUs, detail }, { decisions: sequence });
  const { state, reason, closed } = pipeline;
  if (more) return events;
  if (state !== at.state)
    add('state', { state, ...(closed ? { closed } : {}), ...(reason ? { reason } : {}) }, { state });
  if (endStates.has(state)) add('end', { state }, {});
  return events;
}

export const eventText = ({ event, data, cursor }: FeedEvent): string =>
  `id: ${formatCursor(cursor)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

async function leavesFrom(
  merkle: Clients['merkle'],
  sessionId: string,
  firstIndex: number,
): Promise<string[]> {
  try {
    const query = { firstIndex, limit: RECORDS_PER_LOOK };
    const bytes = Buffer.from(await merkle.getLeaves({ params: { sessionId }, query }));
    return Array.from({ length: bytes.length / HASH_BYTES }, (_, at) =>
      bytes.toString('hex', at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
  } catch (error) {
    // Before its first record, and once it was deleted.
    if (isProblem(error, 'tree_unknown')) return [];
    throw error;
  }
}

export class Feed {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;
  readonly #lookEveryMs: number;
  readonly #closing = new AbortController();

  constructor(dependencies: Dependencies, options: { directory: Directory; lookEveryMs: number }) {
    this.#dependencies = dependencies;
    this.#directory = options.directory;
    this.#lookEveryMs = options.lookEveryMs;
  }

  /** Until the session's end, `untilMs`, or the stop of the service. What is away for a while is waited for. */
  async *follow(sessionId: string, from: FeedCursor, untilMs: number): AsyncGenerator<Uint8Array> {
    const { clock } = this.#dependencies;
    const { signal } = this.#closing;
    let cursor = from;
    let saidAtMs = clock.nowMs();
    yield Buffer.from('retry: 2000\n\n');
    while (!signal.aborted && clock.nowMs() < untilMs) {
      const events = eventsOf(cursor, await this.#look(sessionId, cursor));
      for (const each of events) {
        cursor = each.cursor;
        yield Buffer.from(eventText(each));
        if (each.event === 'end') return;
      }
      if (events.length > 0) {
        saidAtMs = clock.nowMs();
        continue;
      }
      if (clock.nowMs() - saidAtMs >= KEEP_ALIVE_MS) {
        saidAtMs = clock.nowMs();
        yield Buffer.from(': still here\n\n');
      }
      await clock.sleep(this.#lookEveryMs, signal).catch(() => {});
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #look(sessionId: string, cursor: FeedCursor): Promise<Look> {
    const { merkle, sessions, log } = this.#dependencies;
    try {
      // The state first: what follows is at least as new, so that an end comes behind all that it ended.
      const pipeline = await this.#directory.pipeline(sessionId);
      const leaves = await leavesFrom(merkle, sessionId, cursor.records);
      const decisions = await sessions.decisionsAfter(sessionId, cursor.decisions, DECISIONS_PER_LOOK);
      const more = leaves.length === RECORDS_PER_LOOK || decisions.length === DECISIONS_PER_LOOK;
      return { pipeline, leaves, decisions, more };
    } catch (error) {
      if (!isProblem(error, 'unavailable', 'deadline_exceeded')) throw error;
      log.debug({ sessionId, err: error }, 'a session that is followed could not be looked at');
      const { state } = cursor;
      return { pipeline: { state } as Pipeline, leaves: [], decisions: [], more: true };
    }
  }
}
