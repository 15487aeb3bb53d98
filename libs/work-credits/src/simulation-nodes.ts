/** The nodes of a simulation: what each kind claims in a slot. Every draw is a function of seed, operator and slot, so a run repeats. */
import type { TaskClaim } from './task-proof.ts';

export type NodeKind = 'honest' | 'lazy' | 'offline' | 'splitting' | 'replaying' | 'late' | 'twin';

export interface SimulatedNode {
  readonly nodeId: string;
  readonly kind: NodeKind;
  /** Who runs it. Twins draw as the operator they are compared with (`drawsAs`). */
  readonly operator: number;
  readonly drawsAs: number;
  /** Work of the operator in units, 1 to 100 but for those that split, and the parts it is split into. */
  readonly capacity: number;
  readonly parts: number;
}

/** Identities of one splitting operator. */
export const SPLIT_PARTS = 8;

/** 32 bits from 32-bit words: a mixer of xor, shift and multiply, not for secrets. */
export function draw(...words: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const word of words) {
    state = Math.imul(state ^ word, 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}

/** True in so many of 1000 draws. */
export const chance = (perMille: number, ...words: readonly number[]): boolean =>
  draw(...words) % 1000 < perMille;

/** Publishes in time when its turn comes, per mille. */
const PUBLISHES: Readonly<Record<NodeKind, number>> = {
  honest: 995,
  twin: 995,
  splitting: 995,
  replaying: 995,
  lazy: 800,
  late: 600,
  offline: 995,
};

const AWAY_BLOCK_SLOTS = 180;

/** An offline node is away for six hours at a time, half of the time. */
export const isAway = ({ kind, drawsAs }: SimulatedNode, slot: number, seed: number): boolean =>
  kind === 'offline' && chance(500, seed, drawsAs, Math.floor(slot / AWAY_BLOCK_SLOTS), 1);

export const publishes = (node: SimulatedNode, slot: number, seed: number): boolean =>
  !isAway(node, slot, seed) && chance(PUBLISHES[node.kind], seed, node.operator, node.parts, slot, 2);

/** Slots after its own in which a node's proofs arrive: a late node's one in three come too late, one in three late but in time. */
export const delayOf = ({ kind, drawsAs }: SimulatedNode, slot: number, seed: number): number =>
  kind === 'late' ? [0, 2, 5][draw(seed, drawsAs, slot, 3) % 3]! : 0;

const lazyShare = (kind: NodeKind): number => (kind === 'lazy' ? 10 : 1);

/** A part of what the operator does: parts of one draw, so an operator does the same work however it is split. */
const partOf = (amount: number, { kind, parts }: SimulatedNode): number =>
  Math.floor(amount / (parts * lazyShare(kind)));

/** What the node did in a slot; nothing while it is away. In a quiet slot nobody relays. */
export function claimsOf(
  node: SimulatedNode,
  at: { slot: number; ts: number; quiet: boolean; seed: number },
): TaskClaim[] {
  const { slot, ts, quiet, seed } = at;
  if (isAway(node, slot, seed)) return [];
  const { nodeId, drawsAs, capacity } = node;
  const random = draw(seed, drawsAs, slot, 4);
  const base = { nodeId, slot, ts };
  const uptime: TaskClaim = { ...base, type: 'uptime_beacon', value: { uptimeSeconds: 120 } };
  const chunks = partOf(capacity * 4, node);
  const stored: TaskClaim = {
    ...base,
    type: 'storage_availability',
    value: { chunksStored: chunks, sizeBytes: chunks * 2 ** 23 },
  };
  if (quiet) return [uptime, stored];
  const sessionsRelayed = partOf((random % 8) * capacity, node);
  const bytesTransferred = partOf((random % 1024) * capacity * 65_536, node);
  const validatedSessions = partOf(((random >>> 10) % 4) * capacity, node);
  return [
    uptime,
    stored,
    { ...base, type: 'relay_bandwidth', value: { bytesTransferred, sessionsRelayed } },
    { ...base, type: 'validation_signature', value: { validatedSessions } },
  ];
}

/** Ids that differ in their first digits, as keys do. */
const nodeIdOf = (index: number): string =>
  draw(index).toString(16).padStart(8, '0') + index.toString(16).padStart(56, '0');

/** Kinds in turn, so that each has its share of a hundred identities. */
const MIX: readonly (readonly [NodeKind, number])[] = [
  ['honest', 50],
  ['lazy', 10],
  ['offline', 8],
  ['late', 8],
  ['replaying', 6],
];

interface Plan {
  readonly kind: NodeKind;
  readonly operator: number;
  readonly drawsAs?: number;
  readonly parts?: number;
  readonly capacity?: number;
}

/** A heavy tail: most are small, one in a hundred is near 100. */
const capacityOf = (operator: number, seed: number): number => {
  const random = draw(seed, operator, 5) % 100;
  return 1 + Math.floor((random * random * random) / 10_000);
};

/** Who splits (and its twin) is large enough that each part could lead: that is where it would pay. */
const SPLITTER_CAPACITY = SPLIT_PARTS * 100;

/** One operator splits: where many do, they take the slots from one another, and the gain of one does not show. */
function* plans(): Generator<Plan> {
  for (let part = 0; part < SPLIT_PARTS; part++)
    yield { kind: 'splitting', operator: 0, parts: SPLIT_PARTS, capacity: SPLITTER_CAPACITY };
  yield { kind: 'twin', operator: 1, drawsAs: 0, capacity: SPLITTER_CAPACITY };
  for (let operator = 2; ; ) {
    for (const [kind, count] of MIX) {
      for (let each = 0; each < count; each++) yield { kind, operator: operator++ };
      if (kind !== 'replaying') continue;
      for (let each = count; each > 0; each--)
        yield { kind: 'twin', operator: operator++, drawsAs: operator - 1 - count };
    }
  }
}

export function createNodes(count: number, seed: number): SimulatedNode[] {
  const nodes: SimulatedNode[] = [];
  for (const { kind, operator, drawsAs = operator, parts = 1, capacity } of plans()) {
    if (nodes.length >= count) break;
    nodes.push({
      nodeId: nodeIdOf(nodes.length + 1),
      kind,
      operator,
      drawsAs,
      parts,
      capacity: capacity ?? capacityOf(drawsAs, seed),
    });
  }
  return nodes;
}
