export {
  decodeExecutedBlock,
  decodeKeptBlock,
  decodeProposal,
  decodeTransactions,
  type ExecutedBlock,
  encodeExecutedBlock,
  encodeKeptBlock,
  encodeProposal,
  encodeTransactions,
  type KeptBlock,
  type LeftOut,
  type Proposal,
} from './blocks.ts';
export { WireError } from './wire-error.ts';
