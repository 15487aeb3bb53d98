/** The closed set of what a node may do wrong that another one follows. */
export const peerFaultMeanings = {
  peer_malformed: 'its answer is none of this protocol',
  peer_signature: 'its checkpoint is not signed by the key that is trusted',
  peer_not_in_log: 'the header of its block is not in its log',
  peer_other_chain: 'its chain began with another genesis',
  peer_block_invalid: 'its block breaks a rule of the chain, or is not the next one of this chain',
  peer_inconsistent: 'it does not prove that its log contains what was seen of it',
  peer_forked: 'it signed two different logs of one size',
} as const satisfies Record<string, string>;

export type PeerFaultCode = keyof typeof peerFaultMeanings;

/** The message names heights and sizes alone. */
export class PeerFault extends Error {
  readonly code: PeerFaultCode;

  constructor(code: PeerFaultCode, detail?: string, options: { cause?: unknown } = {}) {
    super(detail === undefined ? peerFaultMeanings[code] : `${peerFaultMeanings[code]} (${detail})`, options);
    this.name = 'PeerFault';
    this.code = code;
  }
}
