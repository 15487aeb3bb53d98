/** What the anchor contract gets of a session (docs/evidence-format.md section 6.2). */
import { ownerAddress, type Registration } from '@lucid/session-format';
import type { RegisterSessionArguments } from './session-chain.ts';

/** Owners are few, sessions are many, and each address is a Keccak-256 or two SHA-256. */
const MAX_REMEMBERED = 1000;
const remembered = new Map<string, string>();

function addressOf(owner: string): string {
  const known = remembered.get(owner);
  if (known !== undefined) return known;
  const address = ownerAddress(owner);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(owner, address);
  return address;
}

export const registrationOf = (args: RegisterSessionArguments): Registration => ({
  sessionId: args.sessionId,
  manifestHash: args.manifestHash,
  startedAt: args.startedAt,
  owner: addressOf(args.owner),
  merkleRoot: args.merkleRoot,
  chunkCount: args.chunkCount,
});
