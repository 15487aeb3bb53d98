/** Another node's peer port. */
import {
  type BlockSource,
  decodeConsistency,
  decodePeerBlock,
  maxPeerAnswerBytes,
  PeerFault,
} from '@lucid/chain-follower';
import type { EgressAnswer } from '@lucid/tor-egress';

const purpose = 'chain-peer';
/** Longer than the other waits for a block, and time for a large one to come through Tor. */
const blockTimeoutMs = 120_000;
const proofTimeoutMs = 60_000;
const maxProofBytes = 64 * 1024;
const ok = 200;
const notYet = 204;
const gone = 410;

/** The peer cannot answer now: nothing is wrong with what it said. */
export class PeerAway extends Error {
  override readonly name = 'PeerAway';
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

export interface AskLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/** A GET without redirects; a TorEgress has one. */
export type AskPeer = (
  purpose: string,
  url: URL,
  limits: AskLimits,
) => Promise<Pick<EgressAnswer, 'status' | 'body'>>;

/** `url`: root of a peer port, `http://NAME.onion:7000`. */
export function createPeerSource(fetch: AskPeer, url: string): BlockSource {
  const ask = (path: string, limits: AskLimits) => fetch(purpose, new URL(path, url), limits);
  return {
    async block(height, signal) {
      const limits = { timeoutMs: blockTimeoutMs, maxAnswerBytes: maxPeerAnswerBytes };
      const { status, body } = await ask(`/v1/blocks/${height}`, { ...limits, signal });
      if (height === 0 && status === notYet) throw new PeerAway('it is starting');
      if (status === notYet || (height === 0 && status === gone)) return null;
      if (status === gone)
        throw new PeerAway(
          `it keeps only the header of block ${height}; import the blocks up to it from a file`,
        );
      if (status !== ok) throw new PeerAway(`block ${height}: status ${status}`);
      return decodePeerBlock(textOf(body));
    },
    async consistency(first, second, signal) {
      const limits = { timeoutMs: proofTimeoutMs, maxAnswerBytes: maxProofBytes };
      const path = `/v1/consistency?first=${first}&second=${second}`;
      const { status, body } = await ask(path, { ...limits, signal });
      // Whoever signed both trees could prove it.
      if (status === 404) throw new PeerFault('peer_inconsistent', `sizes ${first} and ${second}`);
      if (status !== ok) throw new PeerAway(`proof of ${first} and ${second}: status ${status}`);
      return decodeConsistency(textOf(body));
    },
  };
}
