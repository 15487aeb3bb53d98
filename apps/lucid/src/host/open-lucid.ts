/** Finds the host that owns the data folder, or becomes it. */
import { setTimeout as delay } from 'node:timers/promises';
import { adoptGenesis, prepareChain } from './chain.ts';
import type { Home } from './home.ts';
import { lockOwner, takeHomeLock } from './home-lock.ts';
import { type HostCard, type Lucid, type OpenLucidOptions, readHostCard } from './lucid.ts';

const LOCK_PATIENCE_MS = 15_000;
const CARD_POLL_MS = 50;

function cardOfOwner(home: Home): HostCard | null {
  const card = readHostCard(home);
  return card !== null && card.pid === lockOwner(home) ? card : null;
}

/** Connects to the host that owns the data folder, or takes the lock and starts one here. Throws CliError. */
export async function openLucid(options: OpenLucidOptions): Promise<Lucid> {
  const { chain: asked, ...rest } = options;
  if (asked?.genesis) await adoptGenesis(options.home, asked.genesis);
  const until = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const card = cardOfOwner(options.home);
    if (card) {
      const { connectToHost } = await import('./host-connection.ts');
      return connectToHost(options, card);
    }
    const owned = lockOwner(options.home) !== null;
    if (!owned || Date.now() > until) break;
    await delay(CARD_POLL_MS);
  }
  const lock = await takeHomeLock(options.home, Math.max(0, until - Date.now()));
  try {
    const { startEvidenceHost } = await import('./evidence-host.ts');
    return await startEvidenceHost({
      ...rest,
      chain: prepareChain(options.home, {
        blocks: asked?.takesBlocks ? 'none' : 'work',
        makes: asked === undefined,
        faces: asked?.faces ?? false,
        env: options.env,
      }),
      onClosed: () => lock.release(),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}
