/** What nodes tell, in a form in which it must be equal. */
import type { Hex } from 'viem';
import type { Answer } from './reference-chains.ts';

export interface Receipt {
  readonly transactionHash: Hex;
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

/** Of `eth_getProof`. */
export interface Proof {
  readonly accountProof: readonly Hex[];
  readonly storageHash: Hex;
  readonly storageProof: readonly {
    readonly key: Hex;
    readonly value: Hex;
    readonly proof: readonly Hex[];
  }[];
}

/** Of an account that there is none of, geth tells zeros; EIP-1186 knows the hashes of what is empty. */
export function asOfNobody(proof: Proof): object {
  if (!/^0x0+$/.test(proof.storageHash)) return proof;
  return {
    ...proof,
    codeHash: '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    storageHash: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  };
}

export interface CallFrame {
  readonly output?: Hex;
  readonly error?: string;
}

export interface Traced {
  readonly txHash: Hex;
  readonly result: CallFrame;
}

export interface StructTrace {
  readonly structLogs: readonly {
    readonly op: string;
    readonly depth: number;
    readonly error?: string;
    readonly gasCost?: number;
    readonly storage?: Readonly<Record<string, string>>;
    readonly memory?: readonly string[];
  }[];
}

/** Anvil counts blocks and writes their times its own way. */
export function withoutBlock(receipt: Receipt): object {
  const { blockHash: _, logs, ...rest } = receipt as Receipt & { readonly blockHash: Hex };
  return { ...rest, logs: logs.map(({ address, topics, data }) => ({ address, topics, data })) };
}

/** What is told in the same words. All others are ends by exception, which take all gas alike; each node has its own words for them. */
const SAME_WORDS = /^(execution reverted|err: max fee|insufficient|intrinsic|max call depth)/;

/** With one word for all ends by exception, at any depth. */
export const plain = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value, (name, each) =>
      typeof each === 'string' && (name === 'error' || name === 'message') && !SAME_WORDS.test(each)
        ? 'halted'
        : each,
    ),
  ) as T;

export const answered = ({ result, error }: Answer) => plain({ result, error });

/** geth makes access lists at a price for gas, which code may read and spend otherwise; ours asks for none where none is given. */
export function priceless(answer: Answer): object {
  const { result, error } = answered(answer);
  if (typeof result !== 'object' || result === null) return { result, error };
  const { gasUsed: _, ...rest } = result as { readonly gasUsed: Hex };
  return { result: rest, error };
}

/** Whether a call was refused, and with which data; anvil asks in a block of its own making, so results may differ by time and fee. */
export const refusalOf = ({ error }: Answer) => error && (error.data ?? '0x');

export const outputOf = ({ output }: CallFrame): Hex => output ?? '0x';

/** geth 1.17 writes words of memory and storage without 0x; execution-apis says with. */
const bareText = (text: string): string => text.replace(/^0x/, '');

/**
 * Of a frame's last step, what it would have cost and why it failed are told in different ways; what was paid shows in the frame around it. 0x44
 * has two names.
 */
export function settled(trace: StructTrace): object {
  const { structLogs, ...rest } = plain(trace);
  const steps = structLogs.map(({ gasCost, error: _, op, storage, memory, ...step }, at) => {
    const isLast = (structLogs[at + 1]?.depth ?? 0) < step.depth;
    const words = Object.entries(storage ?? {}).map((each) => each.map(bareText));
    return {
      ...step,
      op: op === 'DIFFICULTY' ? 'PREVRANDAO' : op,
      memory: memory?.map(bareText),
      storage: storage && Object.fromEntries(words),
      ...(isLast ? {} : { gasCost }),
    };
  });
  return { ...rest, structLogs: steps };
}
