/** How far who follows a session is: the id of each server-sent event, so that a connection that broke goes on behind it. */

export interface FeedCursor {
  /** Records told: those with an index below. */
  readonly records: number;
  /** Sequence of the decision that was told last. */
  readonly decisions: number;
  /** State told last; `none` before the first. */
  readonly state: string;
}

export const feedStart: FeedCursor = { records: 0, decisions: 0, state: 'none' };

export const formatCursor = ({ records, decisions, state }: FeedCursor): string =>
  `${records}-${decisions}-${state}`;

/** Null where it is none that `formatCursor` makes. */
export function parseCursor(text: string): FeedCursor | null {
  const parts = /^(0|[1-9][0-9]{0,14})-(0|[1-9][0-9]{0,14})-([a-z]{1,16})$/.exec(text);
  if (!parts) return null;
  return { records: Number(parts[1]), decisions: Number(parts[2]), state: parts[3] as string };
}
