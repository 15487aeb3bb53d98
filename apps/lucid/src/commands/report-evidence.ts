import { sizeText } from '@lucid/verifier';
import { countText, type Output } from '../cli/output.ts';
import type { SourceChange } from './seal-source.ts';
import type { SessionResult } from './session-flow.ts';

function anchorLines({ anchored, block }: SessionResult): string[] {
  if (!anchored) return ['anchor    not anchored yet'];
  if (block === null) return ['anchor    in the ledger of this node'];
  return [
    `anchor    block ${block.number} of chain ${block.chainId}, by the transaction`,
    `          ${block.transactionHash}`,
  ];
}

/** The last lines of `record` and `seal`; under --json one object. */
export function reportEvidence(
  output: Output,
  result: SessionResult & { exitStatus?: number; sourceChange?: SourceChange },
): void {
  output.json(result);
  const verdict = result.verified ? output.style('green', 'verified') : output.style('red', 'NOT VERIFIED');
  const how = result.readBack
    ? 'every record read back'
    : 'proofs checked; read every record back with: lucid verify';
  output.line();
  output.line(`session   ${result.sessionId}`);
  output.line(`evidence  ${result.bundle}`);
  output.line(
    `size      ${sizeText(result.bytes)} in ${countText(result.chunks, 'chunk')}, stored as ${sizeText(result.storedBytes)}`,
  );
  output.line(`root      ${result.merkleRoot}`);
  for (const line of anchorLines(result)) output.line(line);
  if (result.exitStatus !== undefined && result.exitStatus !== 0)
    output.line(`command   ended with status ${result.exitStatus}`);
  if (result.closed === 'interrupted') output.line(`closed    ${output.style('yellow', 'interrupted')}`);
  output.line(`${verdict}  (${how})`);
}
