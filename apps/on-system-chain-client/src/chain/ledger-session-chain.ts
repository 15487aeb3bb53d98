/** Sessions on the ledger: one entry for each key, so a repeated registration finds the first (evidence-format.md section 6). */
import { bytesToUtf8 } from '@lucid/bytes';
import { parseCheckpoint, parseNote } from '@lucid/checkpoint';
import type { blockchainLedgerContract } from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import { encodeDocument } from '@lucid/session-format';
import {
  type ChainProof,
  type ChainStatus,
  ChainUnavailableError,
  ON_CHAIN,
  type Registration,
  type SessionChain,
} from '../domain/session-chain.ts';

type Ledger = Client<typeof blockchainLedgerContract>;

/** Refusals that no repetition changes. */
const PERMANENT = ['entry_conflict', 'invalid_request', 'payload_too_large'] as const;

const reasons: Readonly<Record<string, string>> = {
  entry_conflict: 'the ledger holds another entry for this',
  invalid_request: 'the ledger does not accept this entry',
  payload_too_large: 'the entry is larger than the ledger accepts',
};

async function put(ledger: Ledger, key: string, entry: Uint8Array): Promise<Registration> {
  try {
    const { index, inclusion, checkpoint } = await ledger.putEntry({ params: { key }, body: entry });
    return { reference: key, status: { state: 'confirmed', proof: { index, inclusion, checkpoint } } };
  } catch (error) {
    if (!isProblem(error, ...PERMANENT)) throw error;
    return { reference: key, status: { state: 'failed', reason: reasons[error.code] ?? error.code } };
  }
}

/** The proof under the largest checkpoint that witnesses cosigned, where that covers the entry; else null. */
export async function cosignedProof(ledger: Ledger, index: number): Promise<ChainProof | null> {
  try {
    const checkpoint = bytesToUtf8(await ledger.getCosignedCheckpoint());
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    if (index >= size) return null;
    const { proof } = await ledger.inclusionProof({ query: { index, size } });
    return { index, inclusion: proof, checkpoint };
  } catch (error) {
    if (isProblem(error, 'not_in_log')) return null;
    throw error;
  }
}

async function find(ledger: Ledger, key: string): Promise<ChainStatus> {
  // Never `pending`: then it would be handed to the ledger, too.
  if (key.startsWith(ON_CHAIN))
    throw new ChainUnavailableError('it went to the chain, and CHAIN_ACCOUNT_KEY is not set now');
  try {
    const { index, inclusion, checkpoint } = await ledger.getEntryByKey({ params: { key } });
    const proof = (await cosignedProof(ledger, index)) ?? { index, inclusion, checkpoint };
    return { state: 'confirmed', proof };
  } catch (error) {
    if (isProblem(error, 'not_in_log')) return { state: 'pending' };
    throw error;
  }
}

/** Reference of a session that is an entry of the log. */
export const sessionKey = (sessionId: string): string => `session/${sessionId}`;

export function createLedgerSessionChain(ledger: Ledger): SessionChain {
  const chain: SessionChain = {
    sessionEntry: (args) => encodeDocument('sessionRegistered', { ...args, type: 'SessionRegistered' }),
    deletionEntry: (args) => encodeDocument('sessionDeleted', { ...args, type: 'SessionDeleted' }),
    auditHeadEntry: (args) =>
      encodeDocument('auditHead', { ...args, type: 'AuditHead', format: 'lucid-audit/1' }),
    registerSession: (args) => put(ledger, sessionKey(args.sessionId), chain.sessionEntry(args)),
    registerDeletion: (args) => put(ledger, `deleted/${args.sessionId}`, chain.deletionEntry(args)),
    registerAuditHead: (args) => put(ledger, `audit/${args.hash}`, chain.auditHeadEntry(args)),
    statusOf: (reference) => find(ledger, reference),
  };
  return chain;
}
