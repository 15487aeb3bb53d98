/** vectors/eth/geth.json, read. */
import { ownVector } from '../../../vectors/locate.ts';
import { type BlockHeader, decodeHeader } from '../src/index.ts';
import { fromHex } from './judges.ts';

interface Written {
  readonly blocks: readonly {
    readonly number: number;
    readonly hash: string;
    readonly header: string;
    readonly proofs: readonly {
      readonly index: number;
      readonly receipt: readonly string[];
      readonly transaction: readonly string[];
      readonly receiptValue: string | null;
      readonly transactionHash: string | null;
      readonly transactionValue: string | null;
    }[];
  }[];
  readonly stateRoot: string;
  readonly accounts: readonly {
    readonly address: string;
    readonly accountProof: readonly string[];
    readonly balance: string;
    readonly nonce: string;
    readonly codeHash: string;
    readonly storageHash: string;
    readonly storageProof: readonly {
      readonly key: string;
      readonly value: string;
      readonly proof: readonly string[];
    }[];
  }[];
}

interface Proven {
  readonly nodes: readonly Uint8Array[];
  /** Hex; null where the proof is one of absence. */
  readonly value: string | null;
}

export interface GethBlock {
  readonly number: number;
  readonly hash: string;
  readonly headerRlp: Uint8Array;
  readonly header: BlockHeader;
  readonly proofs: readonly {
    readonly index: number;
    readonly receipt: Proven;
    readonly transaction: Proven;
    readonly transactionHash: string | null;
  }[];
}

const written = JSON.parse(ownVector('eth/geth.json')) as Written;

const proven = (nodes: readonly string[], value: string | null): Proven => ({
  nodes: nodes.map(fromHex),
  value: value === null ? null : value.slice(2),
});

export const gethBlocks: readonly GethBlock[] = written.blocks.map(({ number, hash, header, proofs }) => ({
  number,
  hash,
  headerRlp: fromHex(header),
  header: decodeHeader(fromHex(header)),
  proofs: proofs.map(({ index, receipt, transaction, receiptValue, transactionHash, transactionValue }) => ({
    index,
    receipt: proven(receipt, receiptValue),
    transaction: proven(transaction, transactionValue),
    transactionHash,
  })),
}));

export const gethState = {
  root: fromHex(written.stateRoot),
  accounts: written.accounts.map((account) => ({
    address: account.address,
    nodes: account.accountProof.map(fromHex),
    balance: BigInt(account.balance),
    nonce: BigInt(account.nonce),
    codeHash: fromHex(account.codeHash),
    storageRoot: fromHex(account.storageHash),
    slots: account.storageProof.map(({ key, value, proof }) => ({
      key: fromHex(key.slice(2).padStart(64, '0')),
      value: BigInt(value),
      nodes: proof.map(fromHex),
    })),
  })),
};
