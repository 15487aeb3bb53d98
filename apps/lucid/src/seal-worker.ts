import { parentPort, workerData } from 'node:worker_threads';
import { type BulkJob, runBulkWorker } from '@lucid/pipeline';

await runBulkWorker(workerData as BulkJob, (message) => parentPort?.postMessage(message));
