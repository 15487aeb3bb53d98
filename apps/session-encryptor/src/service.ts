import { merkleBuilderContract, sessionEncryptorContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { EncryptorConfig } from './config.ts';
import { createEncryptorContext } from './context.ts';
import { recipientHandlers } from './handlers/recipient-handlers.ts';
import { recordHandlers } from './handlers/record-handlers.ts';
import { sessionHandlers } from './handlers/session-handlers.ts';

/** Seals each chunk, keeps the wrapped keys, and is the one writer of a session's records. */
export const sessionEncryptor = defineService({
  contract: sessionEncryptorContract,
  config: EncryptorConfig,
  uses: { merkle: merkleBuilderContract },
  createContext: createEncryptorContext,
  handlers: { ...sessionHandlers, ...recordHandlers, ...recipientHandlers },
  ready: ({ documents, chunks }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why ?? 'the document store is down');
    },
    chunks: () => chunks.check(),
  }),
});
