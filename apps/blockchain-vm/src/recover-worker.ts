/** The thread that recovers who signed transactions: an elliptic curve's work, which would keep all else of the process waiting. */
import { parentPort } from 'node:worker_threads';
import { loadCrypto } from '@lucid/chain-application/senders';
import { recoverAll } from './domain/recover-all.ts';
import type { RecoveryJob } from './domain/sender-recovery.ts';

await loadCrypto();
parentPort?.on('message', ({ id, transactions }: RecoveryJob) => {
  const senders = recoverAll(transactions);
  parentPort?.postMessage({ id, senders }, [senders.buffer as ArrayBuffer]);
});
