import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChainError, openChainApplication } from '@lucid/chain-application';
import { openLevelKvStore } from '@lucid/kv-level';
import type { KvStore } from '@lucid/kv-store';
import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import type { VmConfig } from './config.ts';
import { ExecutionGate } from './domain/execution-gate.ts';
import { ReopeningChain } from './domain/reopening-chain.ts';
import { SenderRecovery } from './domain/sender-recovery.ts';

/** Most steps of a call that is only tried, a jump being one: about a second on a small machine. */
const CALL_STEPS = 500_000;

export interface VmAdapters {
  /** Opens the key-value store; called again after it failed. Default: LevelDB in the data folder. */
  readonly openKv: () => Promise<KvStore>;
  /** Script of the thread that recovers senders; in a bundle it lies beside. */
  readonly workerUrl: URL;
}

export interface VmContext {
  readonly chain: ReopeningChain;
  readonly executions: ExecutionGate;
  readonly recovery: SenderRecovery;
  close(): Promise<void>;
}

const badGenesis = (error: unknown) =>
  new ConfigError('blockchain-vm', [
    { variable: 'VM_GENESIS_FILE', expected: 'a genesis.json', hint: (error as Error).message },
  ]);

function readGenesis(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badGenesis(error);
  }
}

export async function createVmContext(
  options: ContextOptions<VmConfig, Record<never, never>, VmAdapters>,
): Promise<VmContext> {
  const { config, adapters, clock, log } = options;
  const genesis = readGenesis(config.VM_GENESIS_FILE);
  const limits = { minGasPriceWei: BigInt(config.VM_MIN_GAS_PRICE) };
  mkdirSync(config.VM_DATA_DIR, { recursive: true });
  const openKv = adapters.openKv ?? (() => openLevelKvStore({ path: join(config.VM_DATA_DIR, 'state') }));
  const chain = new ReopeningChain({
    nowMs: () => clock.nowMs(),
    open: async () => {
      const kv = await openKv();
      try {
        return {
          kv,
          chain: await openChainApplication({ store: kv, genesis, limits, callStepLimit: CALL_STEPS }),
        };
      } catch (error) {
        await kv.close();
        throw error instanceof ChainError && error.code.startsWith('genesis_') ? badGenesis(error) : error;
      }
    },
  });
  await chain.use((opened) => opened.info());
  const workerUrl = adapters.workerUrl ?? new URL('./recover-worker.mjs', import.meta.url);
  const recovery = new SenderRecovery({ workerUrl, clock, log });
  const close = async () => {
    await recovery.close();
    await chain.close();
  };
  return { chain, executions: new ExecutionGate(), recovery, close };
}
