/** Sessions on the chain; tombstones and heads of the audit log stay entries of the ledger's log. */
import { sessionLeaf } from '@lucid/session-format';
import { registrationOf } from '../domain/registration.ts';
import {
  type ChainStatus,
  ON_CHAIN,
  type Registration,
  referenceOnChain,
  type SessionChain,
} from '../domain/session-chain.ts';
import type { Composer } from './composer.ts';
import { Gatherer } from './gatherer.ts';
import type { BatchLook, Registrar } from './registrar.ts';

interface ChainParts {
  readonly composer: Composer;
  readonly registrar: Registrar;
  /** For everything but sessions, and for sessions that were anchored there. */
  readonly ledgerChain: SessionChain;
}

/** Of references: `chain/BATCH/SESSION`. */
const PREFIX = ON_CHAIN;

function statusOf(sessionId: string, look: BatchLook): ChainStatus {
  if (look.state !== 'proven') return look;
  const { transactionHash, blockHeight } = look.proof;
  const anchor = look.proof.anchorOf(look.placeOf(sessionId));
  return { state: 'confirmed', anchor, transactionHash, blockHeight };
}

export function createChainSessionChain({ composer, registrar, ledgerChain }: ChainParts): SessionChain {
  const gatherer = new Gatherer<Uint8Array, string>((leaves) => composer.compose(leaves));

  const follow = async (batchId: string, sessionId: string): Promise<Registration> => ({
    reference: referenceOnChain(batchId, sessionId),
    status: statusOf(sessionId, await registrar.look(batchId)),
  });

  return {
    ...ledgerChain,
    async registerSession(args) {
      const { sessionId } = args;
      const leaf = leafOf(args);
      if (leaf === null)
        return { reference: `${PREFIX}/${sessionId}`, status: { state: 'failed', reason: UNFIT } };
      const batchId = await gatherer.add(leaf);
      await registrar.restart(batchId);
      return follow(batchId, sessionId);
    },
    async statusOf(reference) {
      if (!reference.startsWith(PREFIX)) return ledgerChain.statusOf(reference);
      const [batchId = '', sessionId = ''] = reference.slice(PREFIX.length).split('/');
      return (await follow(batchId, sessionId)).status;
    },
  };
}

const UNFIT = 'the contract takes no such number of chunks';

function leafOf(args: Parameters<typeof registrationOf>[0]): Uint8Array | null {
  try {
    return sessionLeaf(registrationOf(args));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
