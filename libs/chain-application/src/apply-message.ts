/**
 * Executes a call of a simulated block as a transaction, and leaves what it changed. The library's own `runTx` takes none whose sender has code or pays
 * less than the base fee.
 */
import type { EVMResult } from '@ethereumjs/evm';
import { Account, Address } from '@ethereumjs/util';
import { gasOf, openCall, runOptionsOf } from './call.ts';
import { costBefore, isFree, judgeMessage } from './judge-message.ts';
import type { Machine } from './machine.ts';
import type { SimulatedMessage } from './simulated-message.ts';
import { hexToBytes } from './values.ts';

const maxUint64 = (1n << 64n) - 1n;
const uint256 = (value: bigint): bigint => BigInt.asUintN(256, value);

export interface AppliedMessage {
  readonly result: EVMResult;
  readonly gasUsed: bigint;
  /** Before refunds. */
  readonly maxUsedGas: bigint;
}

async function change(machine: Machine, address: Address, how: (account: Account) => void): Promise<void> {
  const account = (await machine.state.getAccount(address)) ?? new Account();
  how(account);
  await machine.evm.journal.putAccount(address, account);
}

/** geth begins no creation by an account that has no nonce left. */
const withoutNonce = (): EVMResult => ({
  execResult: {
    returnValue: new Uint8Array(0),
    executionGasUsed: 0n,
    exceptionError: { error: 'nonce uint64 overflow', errorType: 'EVMError' } as never,
    // An opcode tells that it was no precompile that failed.
    runState: { opCode: 0 } as never,
  },
});

async function execute(machine: Machine, message: SimulatedMessage): Promise<EVMResult> {
  const { call } = message;
  const isLast = (await machine.state.fields(call.from.bytes))?.nonce === maxUint64;
  if (isLast && call.to === undefined) return withoutNonce();
  await change(machine, call.from, (sender) => {
    sender.nonce = BigInt.asUintN(64, sender.nonce + 1n);
    sender.balance -= costBefore(message);
  });
  return machine.evm.runCall({ ...runOptionsOf(machine, call, call.gas), skipNonceIncrement: true });
}

/** EIP-6780: since Cancun only what was created in the same transaction goes. */
async function removeDestroyed({ rules, evm }: Machine, { execResult }: EVMResult): Promise<void> {
  for (const address of [...(execResult.selfdestruct?.keys() ?? [])].sort()) {
    if (rules.isActivatedEIP(6780) && !execResult.createdAddresses?.has(address)) continue;
    await evm.journal.deleteAccount(new Address(hexToBytes(address)));
  }
}

/** `precompiles`: addresses that are warm, whatever was moved. Throws a SimulationRefusal; the state is then of no use. */
export async function applyMessage(
  machine: Machine,
  message: SimulatedMessage,
  options: { readonly validation: boolean; readonly precompiles: Iterable<string> },
): Promise<AppliedMessage> {
  const { evm } = machine;
  const { call } = message;
  await judgeMessage(machine, message, options.validation);
  await openCall(machine, call, options.precompiles);
  const result = await execute(machine, message);
  const { used: gasUsed, peak: maxUsedGas } = gasOf(machine, call, result);
  const { gasPrice } = call.fees;
  if (gasPrice > 0n)
    await change(machine, call.from, (sender) => {
      sender.balance = uint256(sender.balance + (call.gas - gasUsed) * gasPrice);
    });
  const reward = gasUsed * (gasPrice - (call.block.header.baseFeePerGas ?? 0n));
  if (!isFree(message, options.validation))
    await change(machine, call.block.header.coinbase, (coinbase) => {
      coinbase.balance = uint256(coinbase.balance + reward);
    });
  await removeDestroyed(machine, result);
  await evm.journal.cleanup();
  await evm.journal.commit();
  return { result, gasUsed, maxUsedGas };
}
