/** Integrity check: recomputes every hash of a block's state and names each thing that is damaged. */
import type { IntegrityReport, StateFault } from './application.ts';
import type { ChainStore } from './chain-store.ts';
import { keccak256 } from './crypto.ts';
import { bytesToHex, keyToBytes } from './values.ts';
import type { StateView } from './view.ts';
import { StateWalk } from './walk-state.ts';

const faultLimit = 1000;

/** Headers that are kept must name each other by their hashes, from the block back. */
async function checkHeaders(
  store: ChainStore,
  view: StateView,
  faults: StateFault[],
  oldest: number,
): Promise<void> {
  let expected = bytesToHex(view.block.hash());
  let height = Number(view.block.header.number);
  for (; height >= oldest && faults.length < faultLimit; height--) {
    const headerRlp = await store.headerRlp(height);
    const found = headerRlp === null ? 'nothing' : bytesToHex(keccak256(headerRlp));
    if (headerRlp === null || found !== expected) {
      faults.push({ what: 'header', where: String(height), expected, found });
      return;
    }
    expected = bytesToHex(headerRlp.subarray(parentHashAt(headerRlp), parentHashAt(headerRlp) + 32));
  }
}

/** Where the parent's hash begins: behind the list's head and the string's. */
const parentHashAt = (headerRlp: Uint8Array): number => 1 + (headerRlp[0]! - 0xf7) + 1;

export async function checkIntegrity(
  store: ChainStore,
  view: StateView,
  oldestHeader: number,
  yieldTurn: () => Promise<void>,
): Promise<IntegrityReport> {
  const faults: StateFault[] = [];
  const codes = new Set<string>();
  const counts = { nodes: 0, accounts: 0, slots: 0 };
  const walk = new StateWalk(
    store.kv,
    {
      node: () => {
        counts.nodes += 1;
        return undefined;
      },
      account: () => {
        counts.accounts += 1;
      },
      slot: () => {
        counts.slots += 1;
      },
      code: (hashKey) => {
        codes.add(hashKey);
      },
      fault: (fault) => {
        if (faults.length < faultLimit) faults.push(fault);
      },
    },
    yieldTurn,
  );
  await walk.walk(view.rootKey);
  await checkHeaders(store, view, faults, oldestHeader);
  return {
    stateRoot: bytesToHex(keyToBytes(view.rootKey)),
    height: Number(view.block.header.number),
    ...counts,
    codes: codes.size,
    faults,
  };
}
