/** What an anchor says of a session, against its manifest. */

import { bytesToHex } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import type { Manifest, Registration } from '@lucid/session-format';
import type { FaultList } from './fault.ts';

/** What must have been registered; the owner as the manifest has it. */
export const registrationOf = (manifest: Manifest, manifestBytes: Uint8Array): Registration => ({
  sessionId: manifest.sessionId,
  manifestHash: bytesToHex(sha256(manifestBytes)),
  startedAt: Math.floor(manifest.startedAtUs / 1_000_000),
  owner: manifest.owner,
  merkleRoot: manifest.merkleRoot,
  chunkCount: manifest.chunkCount,
});

/** A fault for each field that differs. */
export function compareRegistration(faults: FaultList, expected: Registration, found: Registration): void {
  for (const name of Object.keys(expected) as (keyof Registration)[]) {
    if (found[name] !== expected[name])
      faults.add('anchor_differs', `${name} ${expected[name]}`, `${name} ${found[name]}`);
  }
}
