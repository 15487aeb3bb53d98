/**
 * Transactions of all kinds, by a seed: transfers, creations that succeed and fail, calls of our contracts, of a contract that does everything
 * Solidity can, of random code and of precompiles; of types 0, 1 and 2, some with too little gas.
 */
import { addresses, lucidAnchors, lucidChunkStore } from '@lucid/chain-contracts';
import { type Abi, encodeDeployData, encodeFunctionData, getContractAddress, type Hex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Seeded } from '../stack/seeded.ts';
import type { Compiled } from './compile-solidity.ts';
import { initCodeOf, randomCode } from './random-code.ts';

export const CHAIN_ID = 1337;
const GWEI = 10n ** 9n;
const SENDERS = 8;

export interface Message {
  readonly to?: Hex;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
}

export interface Generated extends Message {
  readonly kind: string;
  readonly from: Hex;
  readonly raw: Hex;
}

export const senders = Array.from({ length: SENDERS }, (_, at) =>
  privateKeyToAccount(toHex(at + 1, { size: 32 })),
);

type Body = Partial<Message> & { readonly kind: string };
type Options = { readonly random: Seeded; readonly playground: Compiled };

/** Creations whose init code is the fault: reverts, halts, gives forbidden or too much code, does too much. */
const BAD_INIT: readonly Hex[] = [
  '0x',
  '0xfe',
  '0x5f5ffd',
  '0x7f4e6f2100000000000000000000000000000000000000000000000000000000005f5260205ffd',
  '0x60ef5f5360015ff3',
  '0x6160015ff3',
  '0x6160006160005ff3',
  '0x61600060005ff3',
  '0x5b5f56',
  '0x01',
  '0x33ff',
  '0x60015f5560015f5d60aa60205fa15f5ff3',
];

export class TransactionGenerator {
  readonly #random: Seeded;
  readonly #playground: Compiled;
  readonly #nonces = senders.map(() => 0);
  /** Where there is something, or was to be. */
  readonly #playgrounds: Hex[] = [];
  readonly #programs: Hex[] = [];
  readonly #sessions: Hex[] = [];

  constructor({ random, playground }: Options) {
    this.#random = random;
    this.#playground = playground;
  }

  /** The next one, signed. A block has them in the order in which they were made. */
  async next(): Promise<Generated> {
    const { below, pick } = this.#random;
    const at = below(SENDERS);
    const account = senders[at]!;
    const nonce = this.#nonces[at]!;
    this.#nonces[at] = nonce + 1;
    const { kind, ...body } = this.#body(getContractAddress({ from: account.address, nonce: BigInt(nonce) }));
    const { to, data = '0x', value = 0n, gas = 1_000_000n } = body;
    const type = pick(['legacy', 'eip2930', 'eip1559', 'eip1559'] as const);
    const accessList = type === 'legacy' ? [] : this.#accessList();
    const least = leastGas(data, to === undefined, accessList);
    // Now and then it is not enough, or just enough to begin.
    const given = below(7) === 0 ? least + BigInt(below(40_000)) : gas > least ? gas : least + gas;
    const common = { chainId: CHAIN_ID, nonce, ...(to ? { to } : {}), data, value, gas: given };
    const raw = await account.signTransaction(
      type === 'eip1559'
        ? {
            ...common,
            type,
            accessList,
            maxFeePerGas: 20n * GWEI,
            maxPriorityFeePerGas: BigInt(below(3)) * GWEI,
          }
        : type === 'eip2930'
          ? { ...common, type, accessList, gasPrice: 10n * GWEI + BigInt(below(1000)) }
          : { ...common, type, gasPrice: 10n * GWEI },
    );
    return { kind, from: account.address, raw, ...(to ? { to } : {}), data, value, gas: given };
  }

  /** What can be asked without a transaction: of the same kinds. */
  question(): Message & { readonly from: Hex } {
    const from = this.#random.pick(senders).address;
    const { kind: _, to, data = '0x', value = 0n, gas = 1_000_000n } = this.#body();
    return { from, ...(to ? { to } : {}), data, value, gas };
  }

  /** Everything that is known to be somewhere: whose state is worth a look. */
  get known(): readonly Hex[] {
    return [
      ...senders.map(({ address }) => address),
      ...Object.values(addresses),
      ...this.#playgrounds,
      ...this.#programs,
    ];
  }

  #bytes(maxSizeBytes: number): Hex {
    const { below } = this.#random;
    return toHex(Uint8Array.from({ length: below(maxSizeBytes + 1) }, () => below(256)));
  }

  /** Of ASCII: of octets that are no text each node makes its own replacement. */
  #text(maxSizeBytes: number): Hex {
    const { below } = this.#random;
    return toHex(Uint8Array.from({ length: below(maxSizeBytes + 1) }, () => 32 + below(95)));
  }

  #somebody(): Hex {
    const { below, pick } = this.#random;
    return below(4) === 0 ? toHex(0x9000 + below(40), { size: 20 }) : pick(this.known);
  }

  #accessList(): { address: Hex; storageKeys: Hex[] }[] {
    const { below } = this.#random;
    return Array.from({ length: below(3) }, () => ({
      address: this.#somebody(),
      storageKeys: Array.from({ length: below(3) }, () => toHex(below(6), { size: 32 })),
    }));
  }

  /** `creates`: where what it creates comes to be; absent for questions. */
  #body(creates?: Hex): Body {
    const { below } = this.#random;
    const kind = below(100);
    if (kind < 12) return this.#transfer();
    if (kind < 17 || this.#playgrounds.length < 2) return this.#newPlayground(creates);
    if (kind < 30 || this.#programs.length < 3) return this.#newProgram(creates);
    if (kind < 35) return this.#badCreation();
    if (kind < 66) return this.#playgroundCall();
    if (kind < 84) return this.#programCall();
    if (kind < 94) return this.#house();
    return this.#precompile();
  }

  #transfer(): Body {
    const { below } = this.#random;
    return {
      kind: 'transfer',
      to: this.#somebody(),
      value: BigInt(below(3)) * BigInt(below(1_000_000)),
      gas: below(2) === 0 ? 21_000n : 100_000n,
      ...(below(4) === 0 ? { data: this.#bytes(40) } : {}),
    };
  }

  #newPlayground(creates?: Hex): Body {
    const { abi, bytecode } = this.#playground;
    if (creates) this.#playgrounds.push(creates);
    const data = encodeDeployData({ abi, bytecode, args: [BigInt(this.#random.below(60))] });
    return { kind: 'playground', data, gas: 4_000_000n, value: BigInt(this.#random.below(3)) };
  }

  #newProgram(creates?: Hex): Body {
    const code = randomCode(this.#random, this.known);
    if (creates) this.#programs.push(creates);
    return { kind: 'program', data: initCodeOf(code), gas: 1_500_000n, value: BigInt(this.#random.below(9)) };
  }

  #badCreation(): Body {
    const { below, pick } = this.#random;
    const data = below(3) === 0 ? randomCode(this.#random, this.known) : pick(BAD_INIT);
    return {
      kind: 'bad creation',
      data,
      gas: pick([60_000n, 200_000n, 6_000_000n]),
      value: BigInt(below(2)),
    };
  }

  #programCall(): Body {
    const { below, pick } = this.#random;
    return {
      kind: 'program call',
      to: pick(this.#programs),
      data: this.#bytes(100),
      value: BigInt(below(3)),
      gas: pick([50_000n, 200_000n, 1_000_000n, 3_000_000n]),
    };
  }

  #precompile(): Body {
    const { below } = this.#random;
    const word = () => toHex(below(5) === 0 ? below(256) : below(3), { size: 32 }).slice(2);
    const data: Hex = `0x${Array.from({ length: below(8) }, word).join('')}${this.#bytes(40).slice(2)}`;
    return { kind: 'precompile', to: toHex(1 + below(11), { size: 20 }), data, gas: 300_000n };
  }

  #house(): Body {
    const { below, pick } = this.#random;
    const word = (): Hex => toHex(BigInt(below(2 ** 31)) + 2n ** 250n, { size: 32 });
    const session = this.#sessions.length > 0 && below(3) === 0 ? pick(this.#sessions) : word();
    this.#sessions.push(session);
    const anchors = (functionName: string, args: readonly unknown[]): Body => ({
      kind: functionName,
      to: addresses.lucidAnchors,
      data: encodeFunctionData({ abi: lucidAnchors.abi as Abi, functionName, args }),
    });
    const chunks = (functionName: string, args: readonly unknown[]): Body => ({
      kind: functionName,
      to: addresses.lucidChunkStore,
      data: encodeFunctionData({ abi: lucidChunkStore.abi as Abi, functionName, args }),
    });
    return pick([
      () =>
        anchors('registerSession', [
          session,
          word(),
          BigInt(below(2 ** 31)),
          this.#somebody(),
          word(),
          below(99),
        ]),
      () => anchors('registerSessions', [session, below(5000)]),
      () => anchors('anchorChunk', [session, below(3), word()]),
      () => anchors('registrationOf', [session]),
      () => chunks('storeChunkMetadata', [session, below(3), word(), below(10_000)]),
      () => chunks('updateSessionTotalChunks', [session, below(4)]),
      () => chunks('markSessionComplete', [session]),
      () => chunks('updateChunkStatus', [session, below(3), below(3)]),
    ])();
  }

  #playgroundCall(): Body {
    const { below, pick } = this.#random;
    const number = (limit = 20): bigint => BigInt(below(limit));
    const call = (functionName: string, ...args: readonly unknown[]): Body => ({
      kind: functionName,
      to: pick(this.#playgrounds),
      data: encodeFunctionData({ abi: this.#playground.abi, functionName, args }),
    });
    const paid = (body: Body): Body => ({ ...body, value: number(3) });
    const inner = (): Hex => (below(2) === 0 ? this.#bytes(40) : (this.#playgroundCall().data ?? '0x'));
    const salt = (): Hex => toHex(below(4), { size: 32 });
    return pick<() => Body>([
      () => call('set', number(), number() * number()),
      () => call('churn', number(), number(9)),
      () => paid(call('note', this.#bytes(90))),
      () => call('forget'),
      () => call('transient_', number(), number()),
      () => call('log', number(), number(), this.#bytes(70)),
      () => paid(call('fail', number(), number(300), this.#text(80))),
      () => paid(call('fail', number(), number(300), this.#text(80))),
      () => ({ ...call('die', this.#somebody()), ...(below(3) > 0 ? { value: 1n } : {}) }),
      () => paid(call('relay', number(), this.#somebody(), number(300_000), number(2), inner())),
      () => paid(call('relay', number(), this.#somebody(), number(300_000), number(2), inner())),
      () => call('deep', number(40)),
      () => paid(call('child', number(), number(), salt())),
      () => paid(call('mayfly', salt(), this.#somebody())),
      () => paid(call('raw', pick(BAD_INIT), number(2), salt())),
      () => call('world', this.#somebody()),
      () => call('precompile', number(), this.#bytes(200)),
      () => call('memories', number(4_000), number(900), number(900), number(900)),
      () => ({ kind: 'fallback', to: pick(this.#playgrounds), data: this.#bytes(40), value: number(2) }),
    ])();
  }
}

/** What a transaction costs before anything is executed (Cancun). */
function leastGas(
  data: Hex,
  isCreation: boolean,
  accessList: readonly { storageKeys: readonly Hex[] }[],
): bigint {
  const octets = Buffer.from(data.slice(2), 'hex');
  const zeros = octets.filter((each) => each === 0).length;
  const words = isCreation ? Math.ceil(octets.length / 32) : 0;
  const listed = accessList.reduce((sum, { storageKeys }) => sum + 2_400 + 1_900 * storageKeys.length, 0);
  const creation = isCreation ? 32_000 + 2 * words : 0;
  return BigInt(21_000 + 4 * zeros + 16 * (octets.length - zeros) + creation + listed);
}
