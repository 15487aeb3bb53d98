/** What a block does before and after its transactions (EIPs 2935, 4788, 4895, 6110, 7002, 7251, 7685; rewards before the merge). */
import { createHash } from 'node:crypto';
import type { BlockHeader } from '@ethereumjs/block';
import { Account, Address } from '@ethereumjs/util';
import type { CallBlock } from './call-request.ts';
import { storeBeaconRoot } from './execute-block.ts';
import type { Machine } from './machine.ts';
import type { RawLog } from './receipt.ts';
import type { SimulatedWithdrawal } from './simulation-types.ts';
import { bytesToHex, type Hex, hexToBytes } from './values.ts';

const addressOf = (hex: string): Address => new Address(hexToBytes(hex));
const system = addressOf('0xfffffffffffffffffffffffffffffffffffffffe');
const blockHashes = addressOf('0x0000f90827f1c53a10cb7a02335b175320002935');
const blockHashesLength = 8191n;
/** EIP-7685: contracts that hand their requests over at the end of a block, by the type of their requests. */
const requestContracts = [
  { type: 1, eip: 7002, address: addressOf('0x00000961ef480eb55e80d19ad83579a64c007002') },
  { type: 2, eip: 7251, address: addressOf('0x0000bbddc7ce488642fb579f8b00f3a590007251') },
] as const;
const systemGas = 30_000_000n;
const weiPerGwei = 1_000_000_000n;

const depositTopic: Hex = '0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5';
/** EIP-6110: where the fields of a deposit's log lie, each behind a word that tells its length. */
const depositFields = [
  [192, 48],
  [288, 32],
  [352, 8],
  [416, 96],
  [544, 8],
] as const;
const depositLength = 576;

const sha256 = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(bytes).digest());
const word = (value: bigint): Uint8Array => hexToBytes(`0x${value.toString(16).padStart(64, '0')}`);

/** Keeps the parent's hash and the beacon root where their contracts are deployed. */
export async function beginBlock(machine: Machine, header: BlockHeader): Promise<void> {
  await storeBeaconRoot(machine, header);
  if (!machine.rules.isActivatedEIP(2935) || (await machine.state.getCodeSize(blockHashes)) === 0) return;
  await machine.state.putStorage(
    blockHashes,
    word((header.number - 1n) % blockHashesLength),
    header.parentHash,
  );
}

function depositsOf(logs: readonly RawLog[], contract: string): Uint8Array {
  const deposits = logs.filter(
    ([address, topics, data]) =>
      bytesToHex(address) === contract &&
      topics[0] !== undefined &&
      bytesToHex(topics[0]) === depositTopic &&
      data.length === depositLength,
  );
  return Buffer.concat(
    deposits.flatMap(([, , data]) => depositFields.map(([at, length]) => data.subarray(at, at + length))),
  );
}

async function requestsOf(machine: Machine, block: CallBlock, address: Address): Promise<Uint8Array> {
  const { evm, state } = machine;
  if ((await state.getCodeSize(address)) === 0) return new Uint8Array(0);
  evm.journal.cleanJournal();
  evm.transientStorage.clear();
  state.originalStorageCache.clear();
  await evm.journal.checkpoint();
  const { execResult } = await evm.runCall({
    block: block as never,
    caller: system,
    to: address,
    gasLimit: systemGas,
    skipNonceIncrement: true,
  });
  await evm.journal.cleanup();
  await evm.journal.commit();
  return execResult.exceptionError === undefined ? execResult.returnValue : new Uint8Array(0);
}

/** Hash of the block's requests (EIP-7685); undefined before Prague. */
export async function endBlock(
  machine: Machine,
  block: CallBlock,
  logs: readonly RawLog[],
  depositContract: string,
): Promise<Uint8Array | undefined> {
  const { rules } = machine;
  if (!rules.isActivatedEIP(7685)) return undefined;
  const requests = [{ type: 0, data: depositsOf(logs, depositContract) }];
  for (const { type, eip, address } of requestContracts)
    if (rules.isActivatedEIP(eip)) requests.push({ type, data: await requestsOf(machine, block, address) });
  const hashes = requests
    .filter(({ data }) => data.length > 0)
    .map(({ type, data }) => sha256(Uint8Array.from([type, ...data])));
  return sha256(Buffer.concat(hashes));
}

async function credit({ state }: Machine, address: Address, amount: bigint): Promise<void> {
  const account = (await state.getAccount(address)) ?? new Account();
  account.balance = BigInt.asUintN(256, account.balance + amount);
  if (account.isEmpty()) return;
  await state.putAccount(address, account);
}

/** Withdrawals since Shanghai; the reward of a miner before the merge. */
export async function payBlock(
  machine: Machine,
  header: BlockHeader,
  withdrawals: readonly SimulatedWithdrawal[] = [],
): Promise<void> {
  const { rules } = machine;
  if (rules.consensusType() !== 'pos') await credit(machine, header.coinbase, rules.param('minerReward'));
  if (!rules.isActivatedEIP(4895)) return;
  for (const { address, amount } of withdrawals)
    await credit(machine, addressOf(address), amount * weiPerGwei);
}
