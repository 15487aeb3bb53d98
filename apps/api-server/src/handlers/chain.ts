import { base64ToBytes, bytesToBase64, bytesToUtf8 } from '@lucid/bytes';
import { parseCheckpoint, parseNote } from '@lucid/checkpoint';
import type { apiServerContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { assertReaches, onBehalf } from '../domain/on-behalf.ts';
import { anchoredOf } from '../domain/proofs.ts';
import { jsonObject } from '../domain/resources.ts';

type ChainHandlers = Pick<
  Handlers<typeof apiServerContract, Context>,
  'getCheckpoint' | 'getLedgerEntry' | 'getAnchor'
>;

/** Profiles that read the chain reach this service. */
const CHAIN = 'blockchain-api';

export const chainHandlers: ChainHandlers = {
  async getCheckpoint(_input, call, { chain }) {
    assertReaches(call, CHAIN);
    const note = bytesToUtf8(await chain.getLedgerCheckpoint({}, { call }));
    const { origin, size, root } = parseCheckpoint(parseNote(note).text);
    return { kind: 'ledger-checkpoint', id: String(size), origin, size, root: bytesToBase64(root), note };
  },

  async getLedgerEntry({ params }, call, { chain }) {
    assertReaches(call, CHAIN);
    const found = await chain.getLedgerEntry({ params }, { call });
    const document = jsonObject(base64ToBytes(found.entry));
    const own = { kind: 'ledger-entry', id: String(found.index) } as const;
    return { ...own, ...found, ...(document ? { document } : {}) };
  },

  async getAnchor({ params }, call, { sessions, chain }) {
    // First: whose it is not shall learn nothing of it.
    await onBehalf(call, 'session-api', (options) => sessions.getSession({ params }, options));
    return {
      kind: 'anchor',
      id: params.sessionId,
      ...anchoredOf(await chain.getAnchor({ params }, { call })),
    };
  },
};
