/**
 * The chain of a host, in the data folder's `chain/`:
 *
 *     genesis.json  made at the first start with an account of this node, or brought along by `lucid chain import`
 *     imported      there where the chain was made elsewhere: this node adds no blocks to it
 *     followed.json  whose chain it is that is followed, where one is (following.ts)
 *     governor      address of the contract that governs it, once there is one
 *     vm/           state              node/         transactions that wait
 *
 * Its blocks are kept by the ledger, beside the log.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import type { HelperAccount, Hex } from '@lucid/chain-application';
import type { AnyServiceDefinition, LateServices } from '@lucid/service-kit';
import { ownerAddress } from '@lucid/session-format';
import { secretKeyToAddress } from '@lucid/tron-message';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { newWalletKey } from '../remote/wallet-key.ts';
import { FACES } from './chain-faces.ts';
import { type Peering, peerEnvironment } from './following.ts';
import type { Home } from './home.ts';
import { writeKeyFile } from './node-keys.ts';

export interface Chain extends LateServices {
  /** What others need who write into it; nothing where its blocks are made elsewhere. */
  readonly writer: Readonly<Record<string, string>>;
}

const genesisPath = (home: Home): string => join(home.chain, 'genesis.json');
const importedPath = (home: Home): string => join(home.chain, 'imported');
export const hasChain = (home: Home): boolean => existsSync(genesisPath(home));
/** Whether the chain of this data folder was made elsewhere. */
export const isImported = (home: Home): boolean => existsSync(importedPath(home));
/** Holds the address of the chain's governor, once one is deployed. */
export const governorPath = (home: Home): string => join(home.chain, 'governor');
const keyPath = (home: Home): string => join(home.keys, 'chain.key');

/** Secret key of the node's account, made at the first start, 32 bytes in hex; it pays for what this node writes into its chain. */
function accountKey(home: Home): string {
  const path = keyPath(home);
  if (!existsSync(path) && !existsSync(genesisPath(home)))
    writeKeyFile(path, `${bytesToHex(newWalletKey().secretKey)}\n`);
  const damaged = (why: string, cause?: unknown) =>
    new CliError(
      'data_folder_damaged',
      `the key ${path} of this node’s account in its chain is missing or damaged: ${why}. Restore it from a backup; what is on the chain stays good without it.`,
      { cause },
    );
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw damaged(plainReason(error), error);
  }
  if (!/^[0-9a-f]{64}$/i.test(text)) throw damaged('it is not 64 hex digits');
  return text;
}

const addressOf = (secretKey: string): Hex => `0x${ownerAddress(secretKeyToAddress(hexToBytes(secretKey)))}`;

export interface ChainAccounts {
  /** Of the node's account: as `accountKey` gives it. */
  readonly secretKey: string;
  readonly account: Hex;
  /** Those that follow from it. */
  readonly helpers: readonly { readonly name: HelperAccount; readonly address: Hex }[];
}

async function accountsOf(secretKey: string): Promise<ChainAccounts> {
  const { helperKey } = await import('@lucid/chain-application');
  const helpers = (['deployer', 'relayer'] as const).map((name) => ({
    name,
    address: addressOf(helperKey(secretKey, name)),
  }));
  return { secretKey, account: addressOf(secretKey), helpers };
}

/** Accounts of this node in a chain that is its own. Throws CliError where its key is not there. */
export const chainAccounts = (home: Home): Promise<ChainAccounts> => accountsOf(accountKey(home));

async function makeGenesis(home: Home, secretKey: string): Promise<void> {
  const { nodeGenesis } = await import('@lucid/chain-application');
  const timestampSec = Math.floor(Date.now() / 1000);
  const { account, helpers } = await accountsOf(secretKey);
  const addresses = helpers.map(({ address }) => address);
  writeKeyFile(genesisPath(home), nodeGenesis({ account, helpers: addresses, timestampSec }));
}

/** Which blocks it makes where the chain is its own: one of each slot, only those that have transactions, or none (then it takes blocks of a file). */
export type BlocksMade = 'slots' | 'work' | 'none';

export interface PrepareChainOptions {
  readonly blocks: BlocksMade;
  /** Makes a chain where there is none; else that is told. */
  readonly makes: boolean;
  /** With the services by which people and programs look into it, and make contracts. */
  readonly faces?: boolean;
  /** What it does with chains of others; nothing where absent. */
  readonly peering?: Peering;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Settings that whoever starts the host may give. */
const PASSED_ON = ['CHAIN_RPC_HOSTS', 'CHAIN_RPC_ORIGINS'];

function assertThere(home: Home, makes: boolean): void {
  if (existsSync(genesisPath(home))) return;
  if (existsSync(join(home.chain, 'vm')))
    throw new CliError(
      'data_folder_damaged',
      `${genesisPath(home)} is missing, without which the chain cannot be read. Restore it from a backup.`,
    );
  if (!makes)
    throw new CliError(
      'data_folder_missing',
      `the data folder ${home.root} has no chain: ${genesisPath(home)} is not there. The first lucid record or lucid up makes one; one that was lost comes from a backup; lucid chain import FILE --genesis FILE takes up one that was made elsewhere.`,
    );
}

/** Judges what the data folder has of a chain; nothing of it is loaded before `open`. Throws CliError. */
export function prepareChain(home: Home, { blocks, makes, faces, peering, env }: PrepareChainOptions): Chain {
  const imported = isImported(home);
  if (imported && !existsSync(genesisPath(home)))
    throw new CliError(
      'data_folder_damaged',
      `${genesisPath(home)} is missing: an import was cut before it began. Run lucid chain import with --genesis again.`,
    );
  assertThere(home, makes);
  const secretKey = imported ? null : accountKey(home);
  const peers = peering ? peerEnvironment(home, peering, { isImported: imported, env }) : {};
  const environmentFor = (account: Hex | null) => ({
    VM_DATA_DIR: join(home.chain, 'vm'),
    VM_GENESIS_FILE: genesisPath(home),
    CHAIN_DATA_DIR: join(home.chain, 'node'),
    CHAIN_PRODUCE: secretKey === null || blocks === 'none' ? 'off' : 'on',
    ...(blocks === 'work' ? { CHAIN_SLOT_SECONDS: '0' } : {}),
    // What a chain of others asks of a transaction is theirs to say.
    ...(account === null ? { VM_MIN_GAS_PRICE: '0' } : { CHAIN_PRODUCER: account }),
    ...peers,
    ...Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  });
  return {
    writer: secretKey === null ? {} : { CHAIN_ACCOUNT_KEY: secretKey },
    services: ['blockchain-vm', 'on-system-chain', ...(faces ? FACES : [])],
    async open() {
      const account = secretKey === null ? null : addressOf(secretKey);
      if (secretKey !== null && !existsSync(genesisPath(home))) await makeGenesis(home, secretKey);
      const node = await nodeOfChain();
      if (!faces) return { definitions: node, environment: environmentFor(account) };
      const governor = governorOf(home, env);
      const environment = {
        ...environmentFor(account),
        ...(governor ? { GOVERNANCE_GOVERNOR_ADDRESS: governor } : {}),
      };
      const { openFaces } = await import('./chain-faces.ts');
      const { definitions, ownEnvironment } = await openFaces({
        nodeKey: secretKey,
        isGoverned: governor !== undefined,
      });
      return { definitions: [...node, ...definitions], environment, ownEnvironment };
    },
  };
}

/** What the data folder says; undefined where nothing was deployed that governs. Throws CliError. */
export function keptGovernor(home: Home): string | undefined {
  const path = governorPath(home);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8').trim();
  if (/^0x[0-9a-f]{40}$/i.test(text)) return text;
  throw new CliError(
    'data_folder_damaged',
    `${path} holds no address of a contract. Write that of LucidGovernor into it, or remove it: then nothing governs from here.`,
  );
}

export function keepGovernor(home: Home, address: string): void {
  const path = governorPath(home);
  if (keptGovernor(home) === address) return;
  rmSync(path, { force: true });
  writeKeyFile(path, `${address}\n`);
}

const governorOf = (home: Home, env: PrepareChainOptions['env']): string | undefined =>
  env.GOVERNANCE_GOVERNOR_ADDRESS || keptGovernor(home);

async function nodeOfChain(): Promise<AnyServiceDefinition[]> {
  const [{ blockchainVm }, { onSystemChain }] = await Promise.all([
    import('@lucid/blockchain-vm'),
    import('@lucid/on-system-chain'),
  ]);
  return [blockchainVm, onSystemChain];
}

/** Opens a chain in memory on it. Throws CliError where that cannot be. */
async function assertGenesis(text: string): Promise<void> {
  const [{ openChainApplication }, { createMemoryKvStore }] = await Promise.all([
    import('@lucid/chain-application'),
    import('@lucid/kv-store'),
  ]);
  try {
    await openChainApplication({ store: createMemoryKvStore(), genesis: text });
  } catch (error) {
    throw new CliError(
      'source_unreadable',
      `no chain begins with this genesis.json: ${plainReason(error)}.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Makes a chain that began elsewhere the one of this data folder, or does nothing where it is that already. Throws CliError where the
 * folder has a chain that began otherwise, and where no chain can begin so: then nothing is written.
 */
export async function adoptGenesis(home: Home, text: string): Promise<void> {
  let isMarkOurs = false;
  if (!existsSync(genesisPath(home))) {
    await assertGenesis(text);
    isMarkOurs = writeKeyFile(importedPath(home), '');
    writeKeyFile(genesisPath(home), text);
  }
  if (readFileSync(genesisPath(home), 'utf8') === text) return;
  // A host that started at the same time was faster: its chain is its own.
  if (isMarkOurs) rmSync(importedPath(home));
  throw new CliError(
    'chain_differs',
    `the chain in ${home.chain} began with another genesis. Name a new data folder with LUCID_HOME to import this one.`,
  );
}
