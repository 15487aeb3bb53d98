// Sends intents until it is killed: arguments are the URL of a node, a folder for the outbox, the number of intents.
import process from 'node:process';
import { openLmdbStore } from '@lucid/store-lmdb';
import {
  createChainClient,
  createDocumentOutbox,
  type JsonRpcRequest,
  outboxCollection,
} from '../src/index.ts';
import { killedIntent } from './kill-intents.ts';

const [url = '', folder = '', count = '0'] = process.argv.slice(2);
const store = await openLmdbStore({ folder, nowMs: Date.now });
const client = createChainClient(
  { chainId: 1337, secretKey: '22'.repeat(32), confirmations: 2, pollMs: 2, maxInFlight: 8 },
  {
    outbox: createDocumentOutbox(await store.collection(outboxCollection)),
    clock: { nowMs: Date.now, sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)) },
    call: async (request: JsonRpcRequest) => {
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
      return answer.json();
    },
  },
);
await client.settle();
await Promise.all(Array.from({ length: Number(count) }, (_, at) => client.send(killedIntent(at))));
await store.close();
