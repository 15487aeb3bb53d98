import { sessionChunkerContract, sessionEncryptorContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { ChunkerConfig } from './config.ts';
import { createChunkerContext } from './context.ts';
import { streamHandlers } from './handlers/stream-handlers.ts';

/** Cuts streams by size, age and end, compresses each chunk and numbers the records of a session. */
export const sessionChunker = defineService({
  contract: sessionChunkerContract,
  config: ChunkerConfig,
  uses: { encryptor: sessionEncryptorContract },
  createContext: createChunkerContext,
  handlers: streamHandlers,
});
