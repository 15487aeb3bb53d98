import { Type } from 'typebox';
import { Count, Hash } from './schemas.ts';

/** Where an entry of the ledger's log is, and the proof that it is part of the signed tree. */
export const EntryProof = Type.Object({
  index: Count,
  leafHash: Hash,
  /** RFC 9162 inclusion path of `index` in the tree of `checkpoint`, lowest first. */
  inclusion: Type.Array(Hash),
  /** The ledger's signed note (C2SP tlog-checkpoint), with any cosignatures. */
  checkpoint: Type.String(),
});
