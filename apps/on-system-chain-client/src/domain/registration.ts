/** What the anchor contract gets of a session (docs/evidence-format.md section 6.2). */
import { ownerAddress, type Registration } from '@lucid/session-format';
import type { RegisterSessionArguments } from './session-chain.ts';

export const registrationOf = (args: RegisterSessionArguments): Registration => ({
  sessionId: args.sessionId,
  manifestHash: args.manifestHash,
  startedAt: args.startedAt,
  owner: ownerAddress(args.owner),
  merkleRoot: args.merkleRoot,
  chunkCount: args.chunkCount,
});
