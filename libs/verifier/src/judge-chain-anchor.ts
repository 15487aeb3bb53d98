/** For who makes an anchor on a chain: judged like one in a bundle, before anybody is told that a session is anchored. */

import type { ChainAnchor, Registration } from '@lucid/session-format';
import { encodeDocument } from '@lucid/session-format';
import { checkChainAnchor } from './chain-anchor.ts';
import { type Fault, FaultList, toFault } from './fault.ts';
import { checkLedgerPlace } from './ledger-place.ts';
import { parsePins } from './trust.ts';
import type { BlockSummary, VerifyOptions } from './verdict.ts';

export type JudgedChainAnchor =
  | { readonly ok: true; readonly block: BlockSummary }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Whether the anchor proves this registration, down to a checkpoint signed by `ledgerKey` (a verifier key).
 *
 * @throws TypeError where the anchor does not have its shape; VerifyError pin_malformed where `ledgerKey` is no key.
 */
export function judgeChainAnchor(
  anchor: ChainAnchor,
  expected: Registration,
  { ledgerKey, anchorContracts }: { readonly ledgerKey: string } & Pick<VerifyOptions, 'anchorContracts'>,
): JudgedChainAnchor {
  encodeDocument('anchor', anchor);
  const faults = new FaultList();
  const options = { ledgerKeys: [ledgerKey], anchorContracts };
  checkLedgerPlace({ pins: parsePins(options), options, faults }, anchor);
  const block = checkChainAnchor({ expected, options, faults }, anchor);
  if (block !== null && faults.size === 0) return { ok: true, block };
  return { ok: false, faults: faults.list().map((fault) => toFault(fault)) };
}
