import { parentPort, workerData } from 'node:worker_threads';
import { type BulkJob, runBulkWorker } from '../src/index.ts';

await runBulkWorker(workerData as BulkJob, (message) => parentPort?.postMessage(message));
