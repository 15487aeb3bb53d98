/** The `lucid-anchor/2` documents of a batch, from what the ledger proves of its transaction. Nothing is verified here. */
import { base64ToBytes, bytesToBase64, equalBytes } from '@lucid/bytes';
import type { blockchainLedgerContract, OutputOf } from '@lucid/contracts';
import {
  decodeHeader,
  decodeReceipt,
  EthProofError,
  indexToTrieKey,
  verifyTrieProof,
} from '@lucid/eth-proof';
import { type Client, isProblem } from '@lucid/service-kit';
import {
  ANCHOR_CONTRACT,
  type ChainAnchor,
  parseRegistrationEvent,
  type RegistrationEvent,
  sessionLeaf,
} from '@lucid/session-format';
import { cosignedProof } from './ledger-session-chain.ts';
import type { Registered } from './registration-intent.ts';

type Ledger = Client<typeof blockchainLedgerContract>;
type TransactionProof = OutputOf<(typeof blockchainLedgerContract)['operations']['getTransactionProof']>;

export interface RegistrationProof {
  readonly transactionHash: string;
  readonly blockHeight: number;
  /** Of the session at this place of the batch. */
  anchorOf(index: number): ChainAnchor;
}

/** Whether the event registers exactly this batch. */
export function isEventOf({ leaves, tree }: Registered, event: RegistrationEvent): boolean {
  if (event.kind === 'batch')
    return leaves.length > 1 && event.count === tree.count && equalBytes(event.root, tree.root);
  return leaves.length === 1 && equalBytes(sessionLeaf(event.registration), leaves[0] as Uint8Array);
}

/** Of the event among the logs of the receipt; 0 where it cannot be read, which the judge will say. */
function logIndexOf(batch: Registered, { header, transactionIndex, receiptProof }: TransactionProof): number {
  try {
    const { receiptsRoot } = decodeHeader(base64ToBytes(header));
    const key = indexToTrieKey(transactionIndex);
    const receipt = verifyTrieProof({ root: receiptsRoot, key, nodes: receiptProof.map(base64ToBytes) });
    const logs = receipt === null ? [] : decodeReceipt(receipt).logs;
    const found = logs.findIndex((log) => {
      const event = parseRegistrationEvent(log);
      return event !== null && isEventOf(batch, event);
    });
    return Math.max(found, 0);
  } catch (error) {
    if (error instanceof EthProofError || error instanceof TypeError) return 0;
    throw error;
  }
}

/** Null where the ledger does not have it yet. */
export async function proveRegistration(
  { ledger, ledgerKey, chainId }: { ledger: Ledger; ledgerKey: string; chainId: number },
  batch: Registered,
  transactionHash: string,
): Promise<RegistrationProof | null> {
  let found: TransactionProof;
  try {
    found = await ledger.getTransactionProof({ params: { transaction: transactionHash } });
  } catch (error) {
    if (isProblem(error, 'not_in_chain', 'not_in_log')) return null;
    throw error;
  }
  const { index, inclusion, checkpoint } = (await cosignedProof(ledger, found.entry.index)) ?? found.entry;
  const { leaves, tree } = batch;
  const common = {
    ...({ format: 'lucid-anchor/2', kind: 'chain', chainId, contract: ANCHOR_CONTRACT } as const),
    ...{ header: found.header, transactionIndex: found.transactionIndex },
    ...{ transactionProof: found.transactionProof, receiptProof: found.receiptProof },
    ...{ logIndex: logIndexOf(batch, found), ledger: ledgerKey, index, inclusion, checkpoint },
  };
  return {
    transactionHash,
    blockHeight: found.height,
    anchorOf(at) {
      if (leaves.length === 1) return common;
      const leaf = bytesToBase64(leaves[at] as Uint8Array);
      return { ...common, batch: { count: tree.count, index: at, leaf, path: tree.path(at) } };
    },
  };
}
