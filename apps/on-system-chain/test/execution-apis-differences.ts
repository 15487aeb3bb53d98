/** Files of execution-apis' tests (commit 033ca6e6, 2026-08-06) that are answered otherwise here, and why. */
export const differences: Readonly<Record<string, string>> = {
  'eth_estimateGas/estimate-with-eip7702.io': 'calls take no authorizationList: our fork is Cancun',
  'eth_sendRawTransaction/send-blob-tx.io':
    'blobs have no place on our chain, and a transaction has at most 100 KB',
};

/** Methods that are not offered. */
export const notOffered: ReadonlySet<string> = new Set([
  // For tests of nodes.
  'testing_buildBlockV1',
]);
