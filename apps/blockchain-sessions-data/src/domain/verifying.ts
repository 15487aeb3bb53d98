/** Whether the chain says of a session what is claimed: never by the index, always by the ledger's proof, down to its signed log. */
import { bytesToBase64 } from '@lucid/bytes';
import { addresses } from '@lucid/chain-contracts';
import { askingLedger, type EventPlace, type Ledger } from '@lucid/chain-index';
import type { SessionVerdict } from '@lucid/contracts';
import {
  type BatchPlace,
  type ChainAnchor,
  ownerAddress,
  type Registration,
  sessionLeaf,
} from '@lucid/session-format';
import { judgeChainAnchor } from '@lucid/verifier';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import type { Directory } from './directory.ts';

/** What the manifest says; absent is not compared. */
export interface ManifestFields {
  readonly manifestHash?: string | undefined;
  readonly startedAt?: number | undefined;
  /** As the manifest has it. */
  readonly owner?: string | undefined;
  readonly merkleRoot?: string | undefined;
  readonly chunkCount?: number | undefined;
}

export interface BatchMember {
  readonly root: string;
  readonly index: number;
  readonly path: readonly string[];
}

interface VerifyingOptions {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly ledgerKey: string;
  readonly chainId: number;
}

type Verdict = Static<typeof SessionVerdict>;

interface Claim {
  readonly place: EventPlace;
  readonly expected: Registration;
  readonly batch?: BatchPlace;
}

const placeOf = (event: EventPlace): EventPlace => ({
  height: event.height,
  blockHash: event.blockHash,
  timestampSec: event.timestampSec,
  transactionHash: event.transactionHash,
  transactionIndex: event.transactionIndex,
  logIndex: event.logIndex,
});

export class Verifying {
  readonly #options: VerifyingOptions;

  constructor(options: VerifyingOptions) {
    this.#options = options;
  }

  /** @throws ProblemError session_unknown, not_provable, chain_replaced, ledger_unavailable */
  async session(sessionId: string, fields: ManifestFields): Promise<Verdict> {
    const event = await this.#options.directory.session(sessionId);
    const expected: Registration = {
      sessionId,
      manifestHash: fields.manifestHash ?? event.manifestHash,
      startedAt: fields.startedAt ?? event.startedAt,
      owner: fields.owner === undefined ? event.owner : ownerAddress(fields.owner),
      merkleRoot: fields.merkleRoot ?? event.merkleRoot,
      chunkCount: fields.chunkCount ?? event.chunkCount,
    };
    return this.#judge({ place: event, expected });
  }

  /** @throws ProblemError batch_unknown, invalid_request, not_provable, chain_replaced, ledger_unavailable */
  async member(sessionId: string, fields: ManifestFields, member: BatchMember): Promise<Verdict> {
    const { manifestHash, startedAt, owner, merkleRoot, chunkCount } = fields;
    if (
      manifestHash === undefined ||
      startedAt === undefined ||
      owner === undefined ||
      merkleRoot === undefined ||
      chunkCount === undefined
    )
      throw problem('invalid_request', {
        detail:
          'A member of a batch is judged by manifestHash, startedAt, owner, merkleRoot and chunkCount; give all of them.',
      });
    const event = await this.#options.directory.batch(member.root);
    const expected = {
      ...{ sessionId, manifestHash, startedAt, merkleRoot, chunkCount },
      owner: ownerAddress(owner),
    };
    if (member.index >= event.count)
      throw problem('invalid_request', { detail: `The batch has ${event.count} members; index is beyond.` });
    const batch = {
      count: event.count,
      index: member.index,
      leaf: bytesToBase64(sessionLeaf(expected)),
      path: member.path,
    };
    const verdict = await this.#judge({ place: event, expected, batch });
    return { ...verdict, batch: { root: member.root, index: member.index, count: event.count } };
  }

  async #judge({ place, expected, batch }: Claim): Promise<Verdict> {
    const { ledger, ledgerKey, chainId } = this.#options;
    const params = { transaction: place.transactionHash };
    const proof = await askingLedger(ledger.getTransactionProof({ params }));
    const anchor: ChainAnchor = {
      format: 'lucid-anchor/2',
      kind: 'chain',
      chainId,
      contract: addresses.lucidAnchors.slice(2),
      header: proof.header,
      transactionIndex: proof.transactionIndex,
      transactionProof: proof.transactionProof,
      receiptProof: proof.receiptProof,
      logIndex: place.logIndex - proof.firstLogIndex,
      ...(batch === undefined ? {} : { batch }),
      ledger: ledgerKey,
      index: proof.entry.index,
      inclusion: proof.entry.inclusion,
      checkpoint: proof.entry.checkpoint,
    };
    const judged = judgeChainAnchor(anchor, expected, { ledgerKey });
    const faults = judged.ok
      ? []
      : judged.faults.map(({ code, expected: awaited, found, message }) => ({
          ...{ code, message },
          ...{ expected: awaited, found },
        }));
    return { sessionId: expected.sessionId, verified: judged.ok, faults, ...placeOf(place) };
  }
}
