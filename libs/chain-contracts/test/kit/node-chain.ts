/**
 * A node behind LUCID_ETH_URL: geth --dev, anvil, our own. The suite's accounts are paid by the key in LUCID_ETH_KEY, or by the
 * node's own first account.
 */
import {
  type Account,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  type PublicClient,
  parseEther,
  RawContractError,
  type WalletClient,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Hex } from '../../src/index.ts';
import {
  ACCOUNTS,
  creationOf,
  GAS_LIMIT,
  type Receipt,
  Reverted,
  type Sent,
  type TestChain,
  testKey,
} from './test-chain.ts';

const POLL_MS = 100;

export async function createNodeChain(url: string, payerKey?: Hex): Promise<TestChain> {
  const transport = http(url);
  const id = await createPublicClient({ transport }).getChainId();
  const chain = defineChain({
    id,
    name: 'test',
    nativeCurrency: { name: 'ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const reader = createPublicClient({ transport, chain, pollingInterval: POLL_MS, cacheTime: 0 });
  const writer = createWalletClient({ transport, chain });
  const node = new NodeChain(reader, writer, await isAnvil(reader));
  await node.fund(payerKey ? privateKeyToAccount(payerKey) : undefined);
  return node;
}

const isAnvil = async (reader: PublicClient): Promise<boolean> =>
  /anvil|hardhat/i.test(await reader.request({ method: 'web3_clientVersion' }));

class NodeChain implements TestChain {
  readonly name = 'node';
  readonly travels: boolean;
  readonly accounts: readonly Hex[];
  readonly #keys: ReadonlyMap<Hex, Account>;
  readonly #reader: PublicClient;
  readonly #writer: WalletClient;

  constructor(reader: PublicClient, writer: WalletClient, travels: boolean) {
    this.#reader = reader;
    this.#writer = writer;
    this.travels = travels;
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) => privateKeyToAccount(testKey(index)));
    this.#keys = new Map(accounts.map((each) => [each.address.toLowerCase() as Hex, each]));
    this.accounts = [...this.#keys.keys()];
  }

  async fund(payer: Account | undefined): Promise<void> {
    const account = payer ?? (await this.#writer.getAddresses())[0];
    if (!account) throw new Error('the node has no account of its own: set LUCID_ETH_KEY');
    for (const to of this.accounts) {
      if ((await this.#reader.getBalance({ address: to })) > parseEther('1')) continue;
      const hash = await this.#writer.sendTransaction({
        account,
        to,
        value: parseEther('10'),
        chain: this.#writer.chain,
      });
      await this.#reader.waitForTransactionReceipt({ hash });
    }
  }

  async send({ from, to, data, value }: Sent): Promise<Receipt> {
    const hash = await this.#writer.sendTransaction({
      ...{ account: this.#keys.get(from)!, chain: this.#writer.chain, gas: GAS_LIMIT },
      ...(to === undefined ? {} : { to }),
      ...(data === undefined ? {} : { data }),
      ...(value === undefined ? {} : { value }),
    });
    const receipt = await this.#reader.waitForTransactionReceipt({ hash });
    return {
      ok: receipt.status === 'success',
      gasUsed: receipt.gasUsed,
      created: receipt.contractAddress?.toLowerCase() as Hex | undefined,
      logs: receipt.logs.map(({ address, topics, data: bytes }) => ({ address, topics, data: bytes })),
    };
  }

  async call({ from, to, data, value }: Sent): Promise<Hex> {
    try {
      const answer = await this.#reader.call({
        ...{ account: from, gas: GAS_LIMIT },
        ...(to === undefined ? {} : { to }),
        ...(data === undefined ? {} : { data }),
        ...(value === undefined ? {} : { value }),
      });
      return answer.data ?? '0x';
    } catch (error) {
      const raw = error instanceof Error ? revertOf(error) : undefined;
      throw raw ? new Reverted(raw) : error;
    }
  }

  async codeOf(address: Hex): Promise<Hex> {
    return (await this.#reader.getCode({ address })) ?? '0x';
  }

  async nonceOf(address: Hex): Promise<bigint> {
    return BigInt(await this.#reader.getTransactionCount({ address }));
  }

  async place(address: Hex, code: Hex): Promise<Hex> {
    if ((await this.codeOf(address)) === code) return address;
    if (!this.travels) return (await this.send({ from: this.accounts[0]!, data: creationOf(code) })).created!;
    await this.#ask('anvil_setCode', [address, code]);
    return address;
  }

  async now(): Promise<number> {
    return Number((await this.#reader.getBlock()).timestamp);
  }

  async advanceTo(second: number): Promise<void> {
    if (this.travels && (await this.now()) < second) {
      await this.#ask('evm_setNextBlockTimestamp', [second]);
      await this.#ask('evm_mine', []);
    }
    while ((await this.now()) < second) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      // A node that makes blocks for transactions only gets one.
      await this.send({ from: this.accounts[0]!, to: this.accounts[0]! });
    }
  }

  close = async () => {};

  async #ask(method: string, params: readonly unknown[]): Promise<void> {
    await this.#reader.request({ method, params } as unknown as Parameters<PublicClient['request']>[0]);
  }
}

/** The data of a revert, wherever in the causes it stands. */
function revertOf(error: Error): Hex | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const { data } = each as { readonly data?: unknown };
    if (typeof data === 'string' && data.startsWith('0x')) return data as Hex;
    if (each instanceof RawContractError) return '0x';
    if (data && typeof data === 'object' && 'data' in data && typeof data.data === 'string')
      return data.data as Hex;
    if (/execution reverted/.test(each.message) && !(each.cause instanceof Error)) return '0x';
  }
  return undefined;
}
