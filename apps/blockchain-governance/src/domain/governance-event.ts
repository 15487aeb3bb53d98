/** Events of the four contracts as documents of the index: facts that never change. Addresses and hashes in lower case, numbers that may be large in decimal. */
import { decodeEvents, type Hex } from '@lucid/chain-client';
import { type ChainLog, type EventPlace, placeOf, type Watch } from '@lucid/chain-index';
import type { Contracts } from './contracts.ts';

export interface ProposalCreated extends EventPlace {
  readonly kind: 'created';
  readonly proposalId: string;
  readonly proposer: Hex;
  readonly targets: readonly Hex[];
  /** Wei. */
  readonly values: readonly string[];
  readonly calldatas: readonly Hex[];
  readonly description: string;
  readonly votingStartsAtSec: number;
  readonly votingEndsAtSec: number;
}

export interface VoteCast extends EventPlace {
  readonly kind: 'vote';
  readonly proposalId: string;
  readonly voter: Hex;
  /** Index in `voteTypes`. */
  readonly support: number;
  readonly reason: string;
}

export interface ProposalMoved extends EventPlace {
  readonly kind: 'queued' | 'executed' | 'canceled';
  readonly proposalId: string;
  /** The transaction, of `executed` alone: parameters that it set are found by it. */
  readonly executedIn?: string;
}

export interface ParameterDefined extends EventPlace {
  readonly kind: 'parameter';
  readonly parameterKey: Hex;
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

export interface ParameterSet extends EventPlace {
  readonly kind: 'change';
  readonly parameterKey: Hex;
  readonly value: string;
  readonly oldValue: string;
}

/** That a node had to do with voting rights at all. */
export interface NodeSeen {
  readonly kind: 'node';
  readonly node: Hex;
}

export type GovernanceDocument =
  | ProposalCreated
  | VoteCast
  | ProposalMoved
  | ParameterDefined
  | ParameterSet
  | NodeSeen;

type Arguments = Readonly<Record<string, unknown>>;
type Reader = (args: Arguments, place: EventPlace) => GovernanceDocument;

const lower = (address: unknown): Hex => String(address).toLowerCase() as Hex;
const list = (value: unknown): readonly unknown[] => value as readonly unknown[];
const idOf = ({ proposalId }: Arguments): string => String(proposalId);

const created: Reader = (args, place) => ({
  kind: 'created',
  proposalId: idOf(args),
  proposer: lower(args.proposer),
  targets: list(args.targets).map(lower),
  values: list(args.values).map(String),
  calldatas: list(args.calldatas).map(lower),
  description: String(args.description),
  votingStartsAtSec: Number(args.voteStart),
  votingEndsAtSec: Number(args.voteEnd),
  ...place,
});

const vote: Reader = (args, place) => ({
  kind: 'vote',
  proposalId: idOf(args),
  voter: lower(args.voter),
  support: Number(args.support),
  reason: String(args.reason),
  ...place,
});

const moved =
  (kind: ProposalMoved['kind']): Reader =>
  (args, place) => ({
    kind,
    proposalId: idOf(args),
    ...(kind === 'executed' ? { executedIn: place.transactionHash } : {}),
    ...place,
  });

const defined: Reader = (args, place) => {
  const { name, description, value } = args.definition as Arguments;
  return {
    kind: 'parameter',
    parameterKey: lower(args.key),
    name: String(name),
    description: String(description),
    value: String(value),
    ...place,
  };
};

const set: Reader = (args, place) => ({
  kind: 'change',
  parameterKey: lower(args.key),
  value: String(args.newValue),
  oldValue: String(args.oldValue),
  ...place,
});

const seen =
  (member: string): Reader =>
  (args) => ({ kind: 'node', node: lower(args[member]) });

const governorReaders: Readonly<Record<string, Reader>> = {
  ProposalCreated: created,
  VoteCast: vote,
  VoteCastWithParams: vote,
  ProposalQueued: moved('queued'),
  ProposalExecuted: moved('executed'),
  ProposalCanceled: moved('canceled'),
};
const registryReaders: Readonly<Record<string, Reader>> = { ParameterDefined: defined, ParameterSet: set };
const nodesReaders: Readonly<Record<string, Reader>> = {
  NodeReported: seen('node'),
  NodeExcluded: seen('node'),
  DelegateVotesChanged: seen('delegate'),
};

export function watchOf({ governor, registry, nodes }: Contracts): Watch<GovernanceDocument> {
  const watched = [
    { contract: governor, readers: governorReaders },
    { contract: registry, readers: registryReaders },
    { contract: nodes, readers: nodesReaders },
  ];
  return {
    addresses: watched.map(({ contract }) => contract.address),
    read(log: ChainLog) {
      const given = {
        ...log,
        address: log.address as Hex,
        topics: log.topics as Hex[],
        data: log.data as Hex,
      };
      return watched
        .filter(({ contract }) => contract.address === log.address)
        .flatMap(({ contract, readers }) =>
          decodeEvents(contract, [given]).flatMap(
            ({ name, args }) => readers[name]?.(args, placeOf(log)) ?? [],
          ),
        );
    },
  };
}
