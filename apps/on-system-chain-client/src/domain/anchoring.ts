/**
 * Takes requests to anchor and drives them to their end. A request is durable before it is answered; each try may be cut off
 * anywhere, because the chain makes an entry of equal values once and documents change by compare-and-set.
 */
import { equalBytes } from '@lucid/bytes';
import { isDocumentStoreError, type Stored } from '@lucid/document-store';
import { type Clock, isProblem, type Log, type Wakeup } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import {
  type AnchoringDocument,
  type AnchoringStore,
  type Asked,
  anchoringKey,
  subjectOf,
} from '../store/anchoring-store.ts';
import {
  type ChainPlace,
  type ChainStatus,
  ChainUnavailableError,
  type Registration,
  type SessionChain,
} from './session-chain.ts';
import { judgeAnchor, judgeRegistration } from './verified-anchor.ts';

interface AnchoringOptions {
  readonly store: AnchoringStore;
  readonly chain: SessionChain;
  /** Verifier key that checkpoints must be signed by. */
  readonly ledgerKey: string;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  readonly expireMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Told when there is something new to drive. */
  readonly wakeup: Wakeup;
}

type Change = Pick<AnchoringDocument, 'status'> & Partial<AnchoringDocument>;

const isDone = ({ status }: AnchoringDocument): boolean =>
  status === 'confirmed' || status === 'failed' || status === 'expired';

const raced = (error: unknown): boolean =>
  isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');

/** For people and logs; codes only, because messages of other services are not ours to keep. */
function reasonOf(error: unknown): string {
  if (error instanceof ChainUnavailableError) return error.message;
  return isProblem(error) ? `the ledger answered ${error.code}` : 'the ledger could not be asked';
}

/** What waits for a block is looked at this often at least, however often it was tried before. */
const LONGEST_FOLLOW_MS = 4_000;

const placeOf = ({ transactionHash, blockHeight }: ChainPlace) => ({ transactionHash, blockHeight });

type Confirmed = Extract<ChainStatus, { readonly state: 'confirmed' }>;

function judge(ledgerKey: string, { asked, entry }: AnchoringDocument, status: Confirmed) {
  if ('proof' in status) return judgeAnchor(ledgerKey, entry, status.proof);
  if (asked.kind === 'session') return judgeRegistration(ledgerKey, asked.args, status.anchor);
  return { ok: false, why: 'the chain holds sessions alone' } as const;
}

function entryOf(chain: SessionChain, asked: Asked): Uint8Array {
  switch (asked.kind) {
    case 'session':
      return chain.sessionEntry(asked.args);
    case 'deletion':
      return chain.deletionEntry(asked.args);
    case 'audit':
      return chain.auditHeadEntry(asked.args);
  }
}

function register(chain: SessionChain, asked: Asked): Promise<Registration> {
  switch (asked.kind) {
    case 'session':
      return chain.registerSession(asked.args);
    case 'deletion':
      return chain.registerDeletion(asked.args);
    case 'audit':
      return chain.registerAuditHead(asked.args);
  }
}

export class Anchoring {
  readonly #options: AnchoringOptions;

  constructor(options: AnchoringOptions) {
    this.#options = options;
  }

  /** Hands a request in; the same again answers what became of it, or begins anew what was given up. @throws ProblemError anchor_conflict */
  async ask(asked: Asked): Promise<AnchoringDocument> {
    const { store, chain, clock, wakeup } = this.#options;
    const entry = entryOf(chain, asked);
    const now = clock.nowMs();
    const fresh: AnchoringDocument = {
      asked,
      entry,
      status: 'pending',
      attempts: 0,
      askedAtMs: now,
      nextAttemptAtMs: now,
    };
    const found = await store.get(anchoringKey(asked.kind, subjectOf(asked)));
    const first = chain.inLog ? { ...fresh, isNotInLog: true } : fresh;
    if (found && !equalBytes(found.document.entry, entry)) throw problem('anchor_conflict');
    if (found && found.document.status !== 'failed' && found.document.status !== 'expired')
      return found.document;
    try {
      await (found ? store.replace(fresh, found.version) : store.insert(first));
    } catch (error) {
      if (raced(error)) return this.ask(asked);
      throw error;
    }
    wakeup.notify();
    return fresh;
  }

  /** @throws ProblemError anchor_unknown */
  async find(kind: Asked['kind'], subject: string): Promise<AnchoringDocument> {
    return (await this.#stored(kind, subject)).document;
  }

  /** Asks the chain for the newest proof of a confirmed anchor, which may carry more cosignatures. */
  async refresh(sessionId: string): Promise<AnchoringDocument> {
    const { document, version } = await this.#stored('session', sessionId);
    if (document.status !== 'confirmed' || document.reference === undefined) return document;
    const status = await this.#refreshed(sessionId, document.reference);
    const change = status.state === 'confirmed' ? this.#outcome(document, status) : null;
    // The proof that is there stays true; a worse one never replaces it.
    if (change?.status !== 'confirmed') return document;
    return this.#save({ document, version }, { ...change, reason: undefined });
  }

  /** `pending` where the chain cannot be asked now: what is there stays good. */
  async #refreshed(sessionId: string, reference: string): Promise<ChainStatus> {
    try {
      return await this.#options.chain.statusOf(reference);
    } catch (error) {
      if (!(error instanceof ChainUnavailableError)) throw error;
      this.#options.log.warn({ sessionId, err: error }, 'could not ask for a newer proof');
      return { state: 'pending' };
    }
  }

  /** One try. Resolves when its outcome is stored; never rejects for what the chain does. */
  async drive(stored: Stored<AnchoringDocument>): Promise<void> {
    const { document } = stored;
    if (isDone(document)) return;
    const { clock, expireMs, log } = this.#options;
    const attempts = document.attempts + 1;
    if (clock.nowMs() >= document.askedAtMs + expireMs) {
      await this.#save(stored, { status: 'expired', nextAttemptAtMs: undefined });
      return;
    }
    try {
      const { reference, status } = await this.#try(document);
      await this.#save(stored, { attempts, reference, ...this.#outcome(document, status) });
    } catch (error) {
      if (isDocumentStoreError(error)) throw error;
      log.warn({ about: subjectOf(document.asked), attempts, err: error }, 'could not anchor yet');
      const nextAttemptAtMs = this.#nextAttemptAtMs(attempts);
      await this.#save(stored, {
        status: document.status,
        attempts,
        nextAttemptAtMs,
        reason: reasonOf(error),
      });
    }
  }

  async #stored(kind: Asked['kind'], subject: string): Promise<Stored<AnchoringDocument>> {
    const found = await this.#options.store.get(anchoringKey(kind, subject));
    if (!found) throw problem('anchor_unknown');
    return found;
  }

  async #try(document: AnchoringDocument): Promise<Registration> {
    const { chain } = this.#options;
    const { asked, reference = await this.#leftBehind(document) } = document;
    if (reference !== undefined) {
      const status = await chain.statusOf(reference);
      // `pending` says that the chain does not have it after all: hand it in again.
      if (status.state !== 'pending') return { reference, status };
    }
    return register(chain, asked);
  }

  /** Where a process may have handed a session in that fell before it kept the reference: the log, or the chain. */
  async #leftBehind({ asked, isNotInLog }: AnchoringDocument): Promise<string | undefined> {
    if (asked.kind !== 'session') return undefined;
    const { chain } = this.#options;
    const { sessionId } = asked.args;
    return isNotInLog ? chain.leftOnChain?.(sessionId) : chain.inLog?.(sessionId);
  }

  #outcome(document: AnchoringDocument, status: ChainStatus): Change {
    switch (status.state) {
      case 'failed':
        return { status: 'failed', reason: status.reason, nextAttemptAtMs: undefined };
      case 'confirmed': {
        const place = 'anchor' in status ? placeOf(status) : {};
        const judged = judge(this.#options.ledgerKey, document, status);
        return judged.ok
          ? {
              ...{ status: 'confirmed', anchor: judged.anchor, ...place },
              ...{ reason: undefined, nextAttemptAtMs: undefined },
            }
          : { status: 'failed', reason: judged.why, nextAttemptAtMs: undefined };
      }
      case 'pending':
        return { status: 'submitted', nextAttemptAtMs: this.#nextAttemptAtMs(document.attempts + 1) };
      case 'submitted':
        return {
          ...{ status: 'submitted', ...placeOf(status), reason: undefined },
          nextAttemptAtMs: this.#nextAttemptAtMs(
            document.attempts + 1,
            status.transactionHash === undefined ? undefined : LONGEST_FOLLOW_MS,
          ),
        };
    }
  }

  /** Full jitter: a uniform pause below a doubling, capped bound. */
  #nextAttemptAtMs(attempts: number, capMs = this.#options.retryCapMs): number {
    const { retryBaseMs, retryCapMs, random, clock } = this.#options;
    const boundMs = Math.min(capMs, retryCapMs, retryBaseMs * 2 ** Math.min(attempts - 1, 30));
    return clock.nowMs() + Math.ceil(boundMs * random());
  }

  /** What another process stored meanwhile stands: it drove the same request. */
  async #save(stored: Pick<Stored<AnchoringDocument>, 'document' | 'version'>, change: Change) {
    const document = { ...stored.document, ...change };
    try {
      await this.#options.store.replace(document, stored.version);
    } catch (error) {
      if (!raced(error)) throw error;
    }
    return document;
  }
}
