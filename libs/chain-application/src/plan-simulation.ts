/** Numbers and times of the blocks of a simulation, as geth gives them: strictly increasing, and no number is left out. */
import type { BlockHeader } from '@ethereumjs/block';
import { mostCalls, mostCallsPerBlock, mostSimulatedBlocks } from './simulation-limits.ts';
import { SimulationRefusal } from './simulation-refusal.ts';
import type { BlockToSimulate, SimulationRequest } from './simulation-types.ts';

const secondsBetweenBlocks = 12n;
const maxUint64 = (1n << 64n) - 1n;

export interface PlannedBlock extends BlockToSimulate {
  readonly number: bigint;
  readonly timestampSec: bigint;
}

const tooMany = (message: string): SimulationRefusal => new SimulationRefusal('clientLimit', message);

function judgeCounts(blocks: SimulationRequest['blocks']): void {
  if (blocks.length === 0) throw new SimulationRefusal('invalidParams', 'empty input');
  if (blocks.length > mostSimulatedBlocks) throw tooMany('too many blocks');
  let total = 0;
  for (const { calls = [] } of blocks) {
    if (calls.length > mostCallsPerBlock)
      throw tooMany(`too many calls in block: ${calls.length} > ${mostCallsPerBlock}`);
    total += calls.length;
    if (total > mostCalls) throw tooMany(`too many calls: ${total} > ${mostCalls}`);
  }
}

function judgeFields({ blockOverrides = {} }: BlockToSimulate): void {
  for (const name of ['timestampSec', 'gasLimit'] as const)
    if ((blockOverrides[name] ?? 0n) > maxUint64)
      throw new SimulationRefusal('invalidParams', `${name} has more than 64 bits`);
}

/** Throws a SimulationRefusal. */
export function planSimulation(base: BlockHeader, blocks: SimulationRequest['blocks']): PlannedBlock[] {
  judgeCounts(blocks);
  const planned: PlannedBlock[] = [];
  let { number, timestamp } = base;
  for (const block of blocks) {
    judgeFields(block);
    const wanted = block.blockOverrides?.number ?? number + 1n;
    if (wanted <= number)
      throw new SimulationRefusal('blockNumber', `block numbers must be in order: ${wanted} <= ${number}`);
    if (wanted - base.number > BigInt(mostSimulatedBlocks)) throw tooMany('too many blocks');
    for (number += 1n; number < wanted; number += 1n) {
      timestamp += secondsBetweenBlocks;
      planned.push({ number, timestampSec: timestamp });
    }
    const time = block.blockOverrides?.timestampSec ?? timestamp + secondsBetweenBlocks;
    if (time <= timestamp)
      throw new SimulationRefusal(
        'blockTimestamp',
        `block timestamps must be in order: ${time} <= ${timestamp}`,
      );
    timestamp = time;
    planned.push({ ...block, number: wanted, timestampSec: time });
  }
  return planned;
}
