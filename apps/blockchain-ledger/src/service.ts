import { blockchainLedgerContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { LedgerConfig } from './config.ts';
import { createLedgerContext } from './context.ts';
import { appendEntry } from './handlers/append.ts';
import {
  locateBlock,
  locateTransaction,
  putBlock,
  readBlock,
  readBlockHeader,
  readChainHead,
} from './handlers/blocks.ts';
import { checkBlocks, proveHeader, proveTransactionOf, prune, searchLogs } from './handlers/chain-queries.ts';
import { readConsistencyProof, readEntry, readInclusionProof, readTile } from './handlers/read.ts';
import { addCosignature, readCheckpoint, readCosigned } from './handlers/witness.ts';

export const blockchainLedger = defineService({
  contract: blockchainLedgerContract,
  config: LedgerConfig,
  createContext: createLedgerContext,
  handlers: {
    appendEntry: ({ body, query }, _call, context) => appendEntry({ body, key: query.key }, context),
    putEntry: ({ body, params }, _call, context) => appendEntry({ body, key: params.key }, context),
    getEntryByKey: ({ params }, _call, context) => readEntry(context, (log) => log.entryByKey(params.key)),
    getEntryByIndex: ({ params }, _call, context) => readEntry(context, (log) => log.entry(params.index)),
    getCheckpoint: async (_input, _call, context) => readCheckpoint(context),
    getCosignedCheckpoint: async (_input, _call, context) => readCosigned(context),
    addCosignature: ({ body }, _call, context) => addCosignature(context, body),
    getEntries: ({ params }, call, context) => readTile(context, `tile/entries/${params['*']}`, call),
    getTile: ({ params }, call, context) => readTile(context, `tile/${params['*']}`, call),
    inclusionProof: ({ query }, _call, context) => readInclusionProof(context, query),
    putBlock: ({ body, params }, _call, context) => putBlock(context, params.height, body),
    getChainHead: (_input, _call, context) => readChainHead(context),
    getBlock: ({ params }, _call, context) => readBlock(context, params.height),
    getHeader: ({ params }, _call, context) => readBlockHeader(context, params.height),
    locateBlock: ({ params }, _call, context) => locateBlock(context, params.blockHash),
    locateTransaction: ({ params }, _call, context) => locateTransaction(context, params.transaction),
    findLogs: ({ body }, call, context) => searchLogs(context, body, call.signal),
    getHeaderProof: ({ params }, _call, context) => proveHeader(context, params.height),
    getTransactionProof: ({ params }, _call, context) => proveTransactionOf(context, params.transaction),
    checkChain: ({ body }, call, context) => checkBlocks(context, body, call.signal),
    pruneBlocks: ({ body }, _call, context) => prune(context, body.keepBlocks),
    consistencyProof: ({ query }, _call, context) => readConsistencyProof(context, query),
  },
  ready: (context) => ({ log: () => context.log.writer(), chain: () => context.chain.check() }),
});
