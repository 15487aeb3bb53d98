import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '@lucid/chain-wire';
import {
  type blockchainLedgerContract,
  type blockchainVmContract,
  onSystemChainContract,
} from '@lucid/contracts';
import type { Client, ContextOptions } from '@lucid/service-kit';
import { meterChain } from './chain/chain-meter.ts';
import { ChainView } from './chain/chain-view.ts';
import { ClockJudge } from './chain/clock-judge.ts';
import { Driver } from './chain/driver.ts';
import { Proposer } from './chain/proposer.ts';
import type { Config } from './config.ts';
import { CheckBatcher } from './mempool/check-batcher.ts';
import { Mempool } from './mempool/mempool.ts';
import { TransactionDesk } from './mempool/transaction-desk.ts';
import { followedUrls, openPeers, type PeerAdapters } from './peers/peers.ts';
import type { ProducerDesk } from './producers/producer-desk.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import { createMethods } from './rpc/methods/all-methods.ts';
import type { RpcNode } from './rpc/node.ts';
import { lockFolder } from './store/folder-lock.ts';
import { TransactionJournal } from './store/transaction-journal.ts';

export interface Clients {
  readonly vm: Client<typeof blockchainVmContract>;
  readonly ledger: Client<typeof blockchainLedgerContract>;
  /** For what JSON-RPC asks. */
  readonly askedVm: Client<typeof blockchainVmContract>;
  readonly askedLedger: Client<typeof blockchainLedgerContract>;
}

export interface Adapters extends PeerAdapters {
  /** Milliseconds of a clock that nobody sets; that of the process by default. */
  readonly steadyMs: () => number;
}

/** Behind a gap: of one sender, and of all by their share of the mempool. */
const queuedPerSender = 64;
const queuedShare = 0.25;
const hourMs = 3_600_000;

function createMempool(config: Config): Mempool {
  const maxTransactions = config.CHAIN_MEMPOOL_TRANSACTIONS;
  return new Mempool({
    maxTransactions,
    maxBytes: config.CHAIN_MEMPOOL_BYTES,
    maxPerSender: config.CHAIN_MEMPOOL_PER_SENDER,
    maxQueuedPerSender: queuedPerSender,
    maxQueued: Math.ceil(maxTransactions * queuedShare),
    lifetimeMs: config.CHAIN_MEMPOOL_HOURS * hourMs,
  });
}

/** Null where one producer makes every block: nothing of the others is loaded then. @throws ConfigError */
async function openProducerDesk(config: Config, ledger: Clients['ledger']): Promise<ProducerDesk | null> {
  const { CHAIN_PRODUCERS_FILE: path, CHAIN_PRODUCER: own } = config;
  if (path === undefined) return null;
  const [{ openProducers }, { ProducerDesk }] = await Promise.all([
    import('./producers/producers-file.ts'),
    import('./producers/producer-desk.ts'),
  ]);
  const book = openProducers({ ...config, CHAIN_PRODUCERS_FILE: path });
  return new ProducerDesk({ book, own: own.toLowerCase(), ledger });
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, clock, log, random, adapters, metrics } = options;
  const { vm, ledger, askedVm, askedLedger } = clients;
  const urls = followedUrls(config);
  const producers = await openProducerDesk(config, ledger);
  mkdirSync(config.CHAIN_DATA_DIR, { recursive: true });
  const lock = await lockFolder(config.CHAIN_DATA_DIR);
  const nowMs = () => clock.nowMs();
  const pool = createMempool(config);
  const view = new ChainView({ ledger: askedLedger, cacheBytes: config.CHAIN_CACHE_BYTES });
  const journal = new TransactionJournal(join(config.CHAIN_DATA_DIR, 'mempool.journal'), () => pool.all());
  const takes = urls.length === 0;
  const desk = new TransactionDesk({ pool, batcher: new CheckBatcher(vm), journal, view, nowMs, takes });
  const isProducing = config.CHAIN_PRODUCE === 'on';
  const producer = config.CHAIN_PRODUCER.toLowerCase();
  const driver = new Driver({
    vm,
    ledger,
    view,
    desk,
    pool,
    clock,
    log,
    judge: new ClockJudge({ clock, steadyMs: adapters.steadyMs ?? (() => performance.now()) }),
    proposer: isProducing ? new Proposer({ vm, pool, log, producer: fromHex(producer) }) : null,
    producers,
    slotSec: config.CHAIN_SLOT_SECONDS,
  });
  const peers = await openPeers({
    config,
    urls,
    driver,
    view,
    ledger: askedLedger,
    clock,
    log,
    random,
    adapters,
  }).catch(async (error: unknown) => {
    await journal.close();
    await lock.release();
    throw error;
  });
  meterChain({ metrics, driver, pool, arrivals: desk.arrivals });
  const node: RpcNode = {
    view,
    pool,
    desk,
    driver,
    progress: () => driver.progress ?? peers.progress(),
    vm: askedVm,
    ledger: askedLedger,
    nowMs,
    random,
    clientVersion: `Lucid/v${onSystemChainContract.version}/${config.CHAIN_NETWORK}`,
    producer,
    isProducing,
  };
  return {
    config,
    log,
    node,
    driver,
    producers,
    peers,
    rpc: new Dispatcher({ methods: createMethods(node), log }),
    close: async () => {
      await peers.close();
      await journal.close();
      await lock.release();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
