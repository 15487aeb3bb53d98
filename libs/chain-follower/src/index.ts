export { PeerFault, type PeerFaultCode, peerFaultMeanings } from './error.ts';
export {
  type BlockSource,
  type FollowedChain,
  Follower,
  type FollowerOptions,
  type Heard,
} from './follower.ts';
export { LogForked, LogWitness, type LogWitnessOptions, type WitnessStore } from './log-witness.ts';
export {
  decodeConsistency,
  decodePeerBlock,
  encodeConsistency,
  encodePeerBlock,
  maxPeerAnswerBytes,
  type PeerBlock,
} from './peer-messages.ts';
