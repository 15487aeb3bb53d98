/** What a simulation shows: who led and earned, against who worked. */
import type { NodeTotals, SlotCounts } from './simulate.ts';
import type { NodeKind } from './simulation-nodes.ts';

export interface KindShare {
  readonly kind: NodeKind;
  readonly nodes: number;
  /** Of all credits in the last window, of all slots led, of all that was paid to nodes: 0 to 1. */
  readonly credits: number;
  readonly led: number;
  readonly earned: number;
}

export interface SimulationReport extends SlotCounts {
  /** LUCID, with the server's. */
  readonly minted: bigint;
  readonly kinds: readonly KindShare[];
  readonly leaders: number;
  /** Half of the sum of |share of slots led - share of credits|: 0 is in proportion, 1 has nothing in common. */
  readonly unfairness: number;
  /** 0: all alike; near 1: one has all. */
  readonly gini: { readonly credits: number; readonly led: number };
  /** Credits of those who replay against honest twins that do the same work. */
  readonly replayGain: number;
  /** Of the operator split into eight identities against a twin that is one node with the same work. */
  readonly splittingGain: { readonly credits: number; readonly led: number; readonly earned: number };
  readonly totals: readonly NodeTotals[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Gini coefficient of amounts from 0. */
export function gini(amounts: readonly number[]): number {
  const ascending = [...amounts].sort((one, other) => one - other);
  const weighted = sum(ascending.map((amount, at) => amount * (2 * (at + 1) - ascending.length - 1)));
  return share(weighted, ascending.length * sum(ascending));
}

const credits = (totals: readonly NodeTotals[]): number => sum(totals.map((each) => each.credits));
const led = (totals: readonly NodeTotals[]): number => sum(totals.map((each) => each.led));
const earned = (totals: readonly NodeTotals[]): number => sum(totals.map((each) => Number(each.earned)));

/** A kind's nodes and the twins that draw as they do; cut off at the end of the list, a pair may lack one. */
function pairs(totals: readonly NodeTotals[], kind: NodeKind): { nodes: NodeTotals[]; twins: NodeTotals[] } {
  const drawn = new Set(totals.filter(({ node }) => node.kind === 'twin').map(({ node }) => node.drawsAs));
  const nodes = totals.filter(({ node }) => node.kind === kind && drawn.has(node.operator));
  const operators = new Set(nodes.map(({ node }) => node.operator));
  const twins = totals.filter(({ node }) => node.kind === 'twin' && operators.has(node.drawsAs));
  return { nodes, twins };
}

export function report(totals: readonly NodeTotals[], counts: SlotCounts, minted: bigint): SimulationReport {
  const all = { credits: credits(totals), led: led(totals), earned: earned(totals) };
  const kinds = [...new Set(totals.map(({ node }) => node.kind))].map((kind) => {
    const own = totals.filter(({ node }) => node.kind === kind);
    const shares = { credits: share(credits(own), all.credits), led: share(led(own), all.led) };
    return { kind, nodes: own.length, ...shares, earned: share(earned(own), all.earned) };
  });
  const differences = totals.map((each) =>
    Math.abs(share(each.led, all.led) - share(each.credits, all.credits)),
  );
  const replaying = pairs(totals, 'replaying');
  const { nodes, twins } = pairs(totals, 'splitting');
  return {
    ...counts,
    minted,
    kinds,
    leaders: totals.filter((each) => each.led > 0).length,
    unfairness: sum(differences) / 2,
    gini: { credits: gini(totals.map((each) => each.credits)), led: gini(totals.map((each) => each.led)) },
    replayGain: share(credits(replaying.nodes), credits(replaying.twins)),
    splittingGain: {
      credits: share(credits(nodes), credits(twins)),
      led: share(led(nodes), led(twins)),
      earned: share(earned(nodes), earned(twins)),
    },
    totals,
  };
}
