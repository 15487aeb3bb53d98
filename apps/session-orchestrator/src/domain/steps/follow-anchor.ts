/** Waits for the chain client to confirm an entry. */
import type { AnchorStatus } from '@lucid/contracts';
import type { Clock } from '@lucid/service-kit';
import type { BundleAnchor } from '@lucid/session-format';
import type { Static } from 'typebox';
import { NotYet, PermanentFailure } from '../failure.ts';

type Status = Static<typeof AnchorStatus>;

const FIRST_POLL_MS = 4;
const LONGEST_POLL_MS = 500;
/** What takes longer than this is asked again later, so that it does not hold a place in the worker. */
const PATIENCE_MS = 5_000;
export const ASK_AGAIN_MS = 2_000;

/** Of whichever kind; absent until it is confirmed. */
export const anchorOf = ({
  anchor,
  chainAnchor,
}: Pick<Status, 'anchor' | 'chainAnchor'>): BundleAnchor | undefined => anchor ?? chainAnchor;

/** @throws PermanentFailure where the chain client gave up, NotYet where it has not confirmed it for some seconds */
export async function followAnchor(options: {
  readonly first: Status;
  readonly ask: () => Promise<Status>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<BundleAnchor> {
  const { ask, clock, signal } = options;
  const untilMs = clock.nowMs() + PATIENCE_MS;
  let status = options.first;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS)) {
    const anchor = anchorOf(status);
    if (status.status === 'confirmed' && anchor) return anchor;
    if (status.status === 'failed' || status.status === 'expired')
      throw new PermanentFailure(`the anchor ${status.status}: ${status.reason ?? 'no reason was given'}`);
    if (clock.nowMs() >= untilMs) throw new NotYet('the anchor is not confirmed yet', ASK_AGAIN_MS);
    await clock.sleep(pollMs, signal);
    status = await ask();
  }
}
