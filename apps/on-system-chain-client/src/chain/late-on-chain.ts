/**
 * The chain, opened when the first session is to be registered or followed: the library that signs is large, and many processes that could
 * register sessions end without one. What an earlier process left is taken up then, before anything else.
 */

import type { onSystemChainContract } from '@lucid/contracts';
import type { Client, Log } from '@lucid/service-kit';
import { ON_CHAIN, type SessionChain } from '../domain/session-chain.ts';
import { sessionKey } from './ledger-session-chain.ts';
import type { OnChain } from './on-chain.ts';

export interface LateOnChain {
  readonly sessionChain: SessionChain;
  /** Rejects, with a `code`, where sessions cannot be registered now. */
  check(signal: AbortSignal): Promise<void>;
}

interface LateOptions {
  open(): Promise<OnChain>;
  readonly chain: Client<typeof onSystemChainContract>;
  readonly chainId: number;
  /** For everything but sessions, and for sessions that were anchored there. */
  readonly ledgerChain: SessionChain;
  readonly log: Log;
}

const down = (code: string, text: string): Error => Object.assign(new Error(text), { code });

export function createLateOnChain({ open, chain, chainId, ledgerChain, log }: LateOptions): LateOnChain {
  let opened: OnChain | undefined;
  let opening: Promise<OnChain> | undefined;
  const begin = async (): Promise<OnChain> => {
    const onChain = await open();
    await onChain
      .recover()
      .catch((err: unknown) => log.warn({ err }, 'could not go on with earlier registrations yet'));
    opened = onChain;
    return onChain;
  };
  const openOnce = (): Promise<OnChain> => {
    opening ??= begin().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    sessionChain: {
      ...ledgerChain,
      inLog: sessionKey,
      registerSession: async (args) => (await openOnce()).sessionChain.registerSession(args),
      statusOf: async (reference) =>
        (reference.startsWith(ON_CHAIN) ? (await openOnce()).sessionChain : ledgerChain).statusOf(reference),
    },
    async check(signal) {
      const status = await chain.getStatus({}, { signal });
      if (status.chainId !== chainId)
        throw down('wrong_chain', `the node is of chain ${status.chainId}, CHAIN_ID says ${chainId}`);
      const fault = opened?.fault ?? null;
      if (fault !== null) throw down(fault, `registrations wait: ${fault}`);
    },
  };
}
