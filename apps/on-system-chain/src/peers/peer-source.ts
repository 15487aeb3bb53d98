/** Another node's peer port, through Tor. */
import {
  type BlockSource,
  decodeConsistency,
  decodePeerBlock,
  maxPeerAnswerBytes,
  PeerFault,
} from '@lucid/chain-follower';
import type { TorEgress } from '@lucid/tor-egress';

const purpose = 'chain-peer';
/** Longer than the other waits for a block, and time for a large one to come through Tor. */
const blockTimeoutMs = 120_000;
const proofTimeoutMs = 60_000;
const maxProofBytes = 64 * 1024;
const ok = 200;
const notYet = 204;

/** The peer cannot answer now: nothing is wrong with what it said. */
export class PeerAway extends Error {
  override readonly name = 'PeerAway';
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

/** `url`: root of a peer port, `http://NAME.onion:7000`. */
export function createPeerSource(egress: Pick<TorEgress, 'fetch'>, url: string): BlockSource {
  const ask = (path: string, options: { timeoutMs: number; maxAnswerBytes: number; signal: AbortSignal }) =>
    egress.fetch(purpose, new URL(path, url), options);
  return {
    async block(height, signal) {
      const limits = { timeoutMs: blockTimeoutMs, maxAnswerBytes: maxPeerAnswerBytes };
      const { status, body } = await ask(`/v1/blocks/${height}`, { ...limits, signal });
      if (status === notYet) return null;
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
