/** The service with an account that has funds, and transactions signed with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createLegacyTx } from '@ethereumjs/tx';
import { createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util';
import { type Hex, nodeGenesis } from '@lucid/chain-application';
import { decodeExecutedBlock, encodeProposal } from '@lucid/chain-wire';
import { blockchainVmContract } from '@lucid/contracts';
import type { KvStore } from '@lucid/kv-store';
import { createServiceKeys } from '@lucid/service-kit';
import { createManualClock, startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { blockchainVm } from '../src/index.ts';

const secretKey = hexToBytes(`0x${'11'.repeat(32)}`);
export const account = createAddressFromPrivateKey(secretKey).toString();
export const stranger: Hex = '0x00000000000000000000000000000000000000aa';
export const START_SEC = 1_750_000_000;
const common = new Common({ chain: { ...Mainnet, chainId: 1337 }, hardfork: Hardfork.Cancun });

/** A signed transaction of the account, as it travels. */
export const signed = (
  nonce: number,
  fields: { to?: Hex; value?: bigint; data?: Hex; gasLimit?: bigint } = {},
): Uint8Array =>
  createLegacyTx({ nonce, gasPrice: 10n ** 10n, gasLimit: 100_000n, ...fields }, { common })
    .sign(secretKey)
    .serialize();

export class VmStack {
  readonly folder = mkdtempSync(join(tmpdir(), 'vm-'));
  readonly clock = createManualClock();
  readonly genesis = nodeGenesis({ account: account as Hex, timestampSec: START_SEC });
  stack!: TestStack;

  async start(openKv?: () => Promise<KvStore>): Promise<void> {
    const path = join(this.folder, 'genesis.json');
    writeFileSync(path, this.genesis);
    this.stack = await startTestStack({
      transport: 'tcp',
      definitions: [blockchainVm],
      keys: createServiceKeys(['blockchain-vm', 'on-system-chain', 'operator']),
      clock: this.clock,
      environment: { VM_DATA_DIR: join(this.folder, 'vm'), VM_GENESIS_FILE: path },
      ...(openKv && { adapters: { 'blockchain-vm': { openKv } } }),
    });
  }

  get vm() {
    return this.stack.clientOf(blockchainVmContract, {
      as: 'on-system-chain',
      retry: false,
      breaker: false,
    });
  }

  get operator() {
    return this.stack.clientOf(blockchainVmContract, { as: 'operator', retry: false, breaker: false });
  }

  async finalize(height: number, transactions: readonly Uint8Array[]) {
    const proposal = encodeProposal({
      timestampSec: START_SEC + height,
      proposer: new Uint8Array(20).fill(7),
      extraData: new Uint8Array(0),
      transactions,
    });
    return decodeExecutedBlock(await this.vm.finalizeBlock({ params: { height }, body: proposal }));
  }

  /** Executes and commits the next block. */
  async make(height: number, transactions: readonly Uint8Array[]) {
    const block = await this.finalize(height, transactions);
    const { pending } = await this.vm.getStatus();
    await this.vm.commitBlock({ params: { height }, body: { blockHash: pending?.blockHash as string } });
    return block;
  }

  /** Stops the service and starts it again on the same folder. */
  async restart(openKv?: () => Promise<KvStore>): Promise<void> {
    await this.stack.close();
    await this.start(openKv);
  }

  async dispose(): Promise<void> {
    await this.stack.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
