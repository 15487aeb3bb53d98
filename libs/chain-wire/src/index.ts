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
export {
  bytesToBigInt,
  bytesToNumber,
  bytesToQuantity,
  fromHex,
  type Hex,
  toHex,
  toQuantity,
} from './text.ts';
export { WireError } from './wire-error.ts';
