/** A chain in memory that obeys SessionChain, with faults that a test switches on. */
import { bytesToHex, equalBytes, utf8ToBytes } from '@lucid/bytes';
import { createNoteSigner, formatVerifierKey, signCheckpoint } from '@lucid/checkpoint';
import { ed25519PublicKey, sha256 } from '@lucid/crypto';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { encodeDocument } from '@lucid/session-format';
import type { ChainProof, ChainStatus, Registration, SessionChain } from '../src/domain/session-chain.ts';

const secretKey = sha256(utf8ToBytes('a ledger key for tests'));
const name = 'lucid.invalid/ledger';
export const ledgerKey = formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });

export interface MemoryChain extends SessionChain {
  /** Every entry ever made, in order. */
  readonly entries: readonly { key: string; bytes: Uint8Array }[];
  /** Called at each step of each request; throwing makes the request fail there. */
  onStep: (step: 'before' | 'after') => void;
  /** Requests that are answered `submitted` before one is confirmed. */
  confirmAfter: number;
  /** Changes the proof that is answered. */
  falsify: (proof: ChainProof) => ChainProof;
  /** Adds an entry by another way. */
  add(key: string, bytes: Uint8Array): void;
}

export function createMemoryChain(): MemoryChain {
  const entries: { key: string; bytes: Uint8Array }[] = [];
  const signer = createNoteSigner({ name, secretKey });

  const proofOf = (index: number): ChainProof => {
    const leaves = entries.map(({ bytes }) => leafHash(bytes));
    const root = rootOfLeaves(leaves);
    return {
      index,
      inclusion: inclusionProof(leaves, index, leaves.length).map(bytesToHex),
      checkpoint: signCheckpoint({ origin: name, size: leaves.length, root }, signer),
    };
  };
  const statusOf = async (key: string): Promise<ChainStatus> => {
    chain.onStep('before');
    const index = entries.findIndex((each) => each.key === key);
    if (index < 0) return { state: 'pending' };
    if (chain.confirmAfter > 0) {
      chain.confirmAfter--;
      return { state: 'submitted' };
    }
    return { state: 'confirmed', proof: chain.falsify(proofOf(index)) };
  };
  const put = async (key: string, bytes: Uint8Array): Promise<Registration> => {
    chain.onStep('before');
    const found = entries.find((each) => each.key === key);
    if (found && !equalBytes(found.bytes, bytes))
      return { reference: key, status: { state: 'failed', reason: 'another entry stands there' } };
    if (!found) entries.push({ key, bytes });
    chain.onStep('after');
    return { reference: key, status: await statusOf(key) };
  };
  const chain: MemoryChain = {
    entries,
    onStep: () => {},
    confirmAfter: 0,
    falsify: (proof) => proof,
    add: (key, bytes) => void entries.push({ key, bytes }),
    sessionEntry: (args) => encodeDocument('sessionRegistered', { ...args, type: 'SessionRegistered' }),
    deletionEntry: (args) => encodeDocument('sessionDeleted', { ...args, type: 'SessionDeleted' }),
    auditHeadEntry: (args) =>
      encodeDocument('auditHead', { ...args, type: 'AuditHead', format: 'lucid-audit/1' }),
    registerSession: (args) => put(`session/${args.sessionId}`, chain.sessionEntry(args)),
    registerDeletion: (args) => put(`deleted/${args.sessionId}`, chain.deletionEntry(args)),
    registerAuditHead: (args) => put(`audit/${args.hash}`, chain.auditHeadEntry(args)),
    statusOf,
  };
  return chain;
}
