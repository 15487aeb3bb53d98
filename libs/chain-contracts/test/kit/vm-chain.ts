/** A chain of one process over the reference EVM: each transaction is a block, a second after the one before. */
import { type Block, createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createLegacyTx } from '@ethereumjs/tx';
import { Account, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { createVM, runTx, type VM } from '@ethereumjs/vm';
import { privateKeyToAddress } from 'viem/accounts';
import type { Hex } from '../../src/index.ts';
import {
  ACCOUNTS,
  GAS_LIMIT,
  type Receipt,
  Reverted,
  type Sent,
  type TestChain,
  testKey,
} from './test-chain.ts';

const GENESIS_SEC = 1_800_000_000;

export async function createVmChain(): Promise<TestChain> {
  const common = new Common({ chain: { ...Mainnet, chainId: 1337 }, hardfork: Hardfork.Cancun });
  const vm = await createVM({ common });
  const keys = new Map<Hex, Hex>();
  for (let index = 0; index < ACCOUNTS; index++) {
    const address = privateKeyToAddress(testKey(index)).toLowerCase() as Hex;
    keys.set(address, testKey(index));
    await vm.stateManager.putAccount(createAddressFromString(address), new Account(0n, 10n ** 24n));
  }
  return new VmChain(vm, keys);
}

class VmChain implements TestChain {
  readonly name = '@ethereumjs/vm';
  readonly travels = true;
  readonly accounts: readonly Hex[];
  readonly #vm: VM;
  readonly #keys: ReadonlyMap<Hex, Hex>;
  #number = 0n;
  #nowSec = GENESIS_SEC;
  #last: Promise<unknown> = Promise.resolve();

  constructor(vm: VM, keys: ReadonlyMap<Hex, Hex>) {
    this.#vm = vm;
    this.#keys = keys;
    this.accounts = [...keys.keys()];
  }

  send = (sent: Sent): Promise<Receipt> => this.#inTurn(() => this.#send(sent));
  call = (sent: Sent): Promise<Hex> => this.#inTurn(() => this.#call(sent));

  async #send({ from, to, data = '0x', value = 0n }: Sent): Promise<Receipt> {
    this.#nextBlock(this.#nowSec + 1);
    const fields = {
      nonce: await this.nonceOf(from),
      gasLimit: GAS_LIMIT,
      gasPrice: 10n ** 9n,
      value,
      data,
      to,
    };
    const tx = createLegacyTx(fields, { common: this.#vm.common }).sign(hexToBytes(this.#keys.get(from)!));
    const { execResult, totalGasSpent, createdAddress } = await runTx(this.#vm, { tx, block: this.#block() });
    return {
      ok: execResult.exceptionError === undefined,
      gasUsed: totalGasSpent,
      created: to === undefined ? (createdAddress?.toString() as Hex) : undefined,
      logs: (execResult.logs ?? []).map(([address, topics, bytes]) => ({
        address: bytesToHex(address),
        topics: topics.map((each) => bytesToHex(each)),
        data: bytesToHex(bytes),
      })),
    };
  }

  async #call({ from, to, data = '0x', value = 0n }: Sent): Promise<Hex> {
    const { stateManager, evm } = this.#vm;
    await stateManager.checkpoint();
    try {
      const { execResult } = await evm.runCall({
        caller: createAddressFromString(from),
        ...(to === undefined ? {} : { to: createAddressFromString(to) }),
        data: hexToBytes(data),
        value,
        gasLimit: GAS_LIMIT,
        block: this.#block(),
      });
      if (execResult.exceptionError) throw new Reverted(bytesToHex(execResult.returnValue));
      return bytesToHex(execResult.returnValue);
    } finally {
      await stateManager.revert();
    }
  }

  async codeOf(address: Hex): Promise<Hex> {
    return bytesToHex(await this.#vm.stateManager.getCode(createAddressFromString(address)));
  }

  async nonceOf(address: Hex): Promise<bigint> {
    return (await this.#vm.stateManager.getAccount(createAddressFromString(address)))?.nonce ?? 0n;
  }

  async place(address: Hex, code: Hex): Promise<Hex> {
    await this.#vm.stateManager.putCode(createAddressFromString(address), hexToBytes(code));
    return address;
  }

  now = async () => this.#nowSec;

  async advanceTo(second: number): Promise<void> {
    if (second > this.#nowSec) this.#nextBlock(second);
  }

  close = async () => {};

  /** The machine does one thing at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #nextBlock(second: number): void {
    this.#number += 1n;
    this.#nowSec = second;
  }

  #block(): Block {
    const header = {
      number: this.#number,
      timestamp: this.#nowSec,
      gasLimit: 60_000_000n,
      baseFeePerGas: 10n ** 9n,
    };
    return createBlock({ header }, { common: this.#vm.common });
  }
}
