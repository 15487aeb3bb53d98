/** Deployments and transactions: what was asked for, before anything is signed, and what became of it. */
import type { Hex } from '@lucid/chain-client';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { Failure } from '../domain/chain-failures.ts';
import type { Identity, RuntimeCode } from '../domain/contract-source.ts';

/** JSON as text: names in it are anybody's, and stores take only some. */
type Json = string;

export interface SentDocument {
  /** The caller's. */
  readonly id: string;
  /** SHA-256 of the request, by which a repeated one is told from another. */
  readonly requestHash: string;
  readonly status: 'pending' | 'submitted' | 'confirmed' | 'failed';
  /** There while it is pending or submitted: since when. */
  readonly openSinceMs?: number | undefined;
  readonly to: Hex | null;
  readonly data: Hex;
  readonly valueWei: Hex;
  readonly gas?: Hex | undefined;
  /** The nonce that it was asked to have. */
  readonly wishedNonce?: number | undefined;
  readonly abi: Json;
  /** Name of the contract. */
  readonly name: string;
  readonly args: Json;
  readonly nonce?: number | undefined;
  readonly transactionHash?: string | undefined;
  readonly blockHeight?: number | undefined;
  readonly blockHash?: string | undefined;
  readonly gasUsed?: string | undefined;
  readonly failure?: Failure | undefined;
  readonly requestedAtMs: number;
  readonly endedAtMs?: number | undefined;
}

export interface DeploymentDocument extends SentDocument {
  readonly contract: Identity;
  readonly runtime: RuntimeCode;
  readonly constructorData: Hex;
  readonly address?: Hex | undefined;
  readonly verification?: Json | undefined;
}

export interface TransactionDocument extends SentDocument {
  readonly to: Hex;
  readonly signature: string;
  readonly events?: Json | undefined;
}

const indexes = [
  { name: 'open', fields: ['openSinceMs'] },
  { name: 'requested', fields: ['requestedAtMs'] },
  { name: 'name', fields: ['name', 'requestedAtMs'] },
];

const deployments = defineCollection<DeploymentDocument>({
  name: 'contract-deployments',
  key: ({ id }) => id,
  indexes,
});

const transactions = defineCollection<TransactionDocument>({
  name: 'contract-transactions',
  key: ({ id }) => id,
  indexes,
});

export type SentStore<T extends SentDocument> = Collection<T>;

export const openDeploymentStore = (documents: DocumentStore): Promise<SentStore<DeploymentDocument>> =>
  documents.collection(deployments);
export const openTransactionStore = (documents: DocumentStore): Promise<SentStore<TransactionDocument>> =>
  documents.collection(transactions);
