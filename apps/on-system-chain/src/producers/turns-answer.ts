/** Who may make blocks now, as it is told. */
import type { ProducerTurns } from '@lucid/contracts';
import { DEFAULT_PARAMETERS, epochOf, slotAt, slotStartMs } from '@lucid/work-credits';
import type { Static } from 'typebox';
import type { ChainBlock } from '../chain/chain-block.ts';
import type { Config } from '../config.ts';
import type { ProducerDesk } from './producer-desk.ts';
import type { Standing } from './rota.ts';

interface TurnsOptions {
  readonly head: ChainBlock;
  readonly producers: ProducerDesk | null;
  readonly config: Pick<Config, 'CHAIN_PRODUCE' | 'CHAIN_PRODUCER' | 'CHAIN_SLOT_SECONDS'>;
  readonly nowMs: number;
}

type Turns = Static<typeof ProducerTurns>;

function single({ config, nowMs }: TurnsOptions): Turns {
  const slotLength = { slotDurationSec: config.CHAIN_SLOT_SECONDS || DEFAULT_PARAMETERS.slotDurationSec };
  const slot = Math.max(0, slotAt(nowMs, slotLength));
  const turn = {
    entity: null,
    address: config.CHAIN_PRODUCER.toLowerCase(),
    from: slotStartMs(slot, slotLength),
  };
  return {
    ...{ mode: 'single', slot, epoch: epochOf(slot, slotLength), leader: null, fallbacks: [] },
    turns: config.CHAIN_PRODUCE === 'on' ? [turn] : [],
    ...{ producers: [], fileSha256: null },
  };
}

const told = ({ entityId, address, score, rank, restsUntilSlot }: Standing): Turns['producers'][number] => ({
  ...{ entity: entityId, address, rank, restsUntilSlot },
  credits: String(score?.credits ?? 0),
  score: String(score?.liveScore ?? 0),
  eligible: score?.eligible ?? false,
  missedSlots: score?.missedSlots ?? 0,
});

export function turnsNow(options: TurnsOptions): Turns {
  const { head, producers, nowMs } = options;
  if (producers === null) return single(options);
  const { slot, epoch, schedule, turns, standings } = producers.viewAt(head, nowMs);
  return {
    ...{ mode: 'leaders', slot, epoch, leader: schedule.leader, fallbacks: [...schedule.fallbacks] },
    turns: turns.map(({ entityId, address, fromMs }) => ({ entity: entityId, address, from: fromMs })),
    producers: standings.map(told),
    fileSha256: producers.book.sha256,
  };
}
