/** Events of the chain's contracts, as they are indexed: facts that never change. Hex of sessions without 0x, of the chain with it. */
import { hexToBytes } from '@lucid/bytes';
import { addresses, lucidAnchors, lucidChunkStore } from '@lucid/chain-contracts';
import { type ChainLog, type EventPlace, placeOf, type Watch } from '@lucid/chain-index';
import type { SessionAnchor } from '@lucid/contracts';
import { parseRegistrationEvent, type Registration } from '@lucid/session-format';
import type { Static } from 'typebox';

export type SessionEvent = EventPlace & { readonly kind: 'session' } & Registration;

export interface BatchEvent extends EventPlace {
  readonly kind: 'batch';
  readonly root: string;
  readonly count: number;
}

export const chunkStatuses = ['stored', 'replicated', 'missing', 'deleted'] as const;

interface ChunkSaying {
  readonly event: 'anchored' | 'stored' | 'status' | 'total' | 'complete';
  /** Hex, 40 digits. */
  readonly uploader?: string;
  readonly index?: number;
  readonly hash?: string;
  readonly sizeBytes?: number;
  readonly status?: (typeof chunkStatuses)[number];
  readonly chunks?: number;
  readonly listRoot?: string;
}

export interface ChunkEvent extends EventPlace, ChunkSaying {
  readonly kind: 'chunk';
  /** The session. */
  readonly chunkOf: string;
}

/** As it is told. */
export const toAnchor = ({ kind: _, ...event }: SessionEvent): Static<typeof SessionAnchor> => ({
  ...event,
  owner: `0x${event.owner}`,
});

export type ChainEvent = SessionEvent | BatchEvent | ChunkEvent;

const WORD_DIGITS = 64;
const plain = (hex: string): string => hex.slice(2);
const wordsOf = (data: string): string[] => plain(data).match(/.{64}/g) ?? [];
const addressOf = (topic: string): string => topic.slice(-40);
const integerOf = (word: string): number => Number(BigInt(`0x${word}`));
type Topics = readonly [string, string, string, string];

/** Reads what an event says from its topics and the words of its data. */
interface Reader {
  readonly topics: number;
  readonly words: number;
  read(topics: Topics, words: Topics): { readonly chunkOf: string } & ChunkSaying;
}

const listed = (topics: Topics) => ({ uploader: addressOf(topics[1]), chunkOf: plain(topics[2]) });
const listedChunk = (topics: Topics) => ({ ...listed(topics), index: integerOf(plain(topics[3])) });

const chunkAnchored: Reader = {
  topics: 3,
  words: 1,
  read: (topics, [hash]) => ({
    event: 'anchored',
    chunkOf: plain(topics[1]),
    index: integerOf(plain(topics[2])),
    hash,
  }),
};

const chunkStoreReaders: Readonly<Record<string, Reader>> = {
  [lucidChunkStore.topics.ChunkStored]: {
    topics: 4,
    words: 2,
    read: (topics, [hash, size]) => ({
      event: 'stored',
      ...listedChunk(topics),
      hash,
      sizeBytes: integerOf(size),
    }),
  },
  [lucidChunkStore.topics.ChunkStatusChanged]: {
    topics: 4,
    words: 1,
    read: (topics, [status]) => ({
      event: 'status',
      ...listedChunk(topics),
      status: chunkStatuses[integerOf(status)] as (typeof chunkStatuses)[number],
    }),
  },
  [lucidChunkStore.topics.SessionTotalChunks]: {
    topics: 3,
    words: 1,
    read: (topics, [total]) => ({ event: 'total', ...listed(topics), chunks: integerOf(total) }),
  },
  [lucidChunkStore.topics.SessionComplete]: {
    topics: 3,
    words: 3,
    read: (topics, [listRoot, chunks, size]) => ({
      event: 'complete',
      ...listed(topics),
      listRoot,
      chunks: integerOf(chunks),
      sizeBytes: integerOf(size),
    }),
  },
};

function readerOf({ address, topics }: ChainLog): Reader | undefined {
  const [signature = ''] = topics;
  if (address === addresses.lucidChunkStore) return chunkStoreReaders[signature];
  return signature === lucidAnchors.topics.ChunkAnchored ? chunkAnchored : undefined;
}

function readRegistration(log: ChainLog): SessionEvent | BatchEvent | null {
  const event = parseRegistrationEvent({
    topics: log.topics.map((each) => hexToBytes(plain(each))),
    data: hexToBytes(plain(log.data)),
  });
  if (event === null) return null;
  if (event.kind === 'session') return { kind: 'session', ...event.registration, ...placeOf(log) };
  return { kind: 'batch', root: plain(log.topics[1] ?? ''), count: event.count, ...placeOf(log) };
}

/** Null for what is none of the events that are indexed. */
export function readChainEvent(log: ChainLog): ChainEvent | null {
  const reader = readerOf(log);
  if (reader === undefined) return log.address === addresses.lucidAnchors ? readRegistration(log) : null;
  const words = wordsOf(log.data);
  if (log.topics.length !== reader.topics || plain(log.data).length !== reader.words * WORD_DIGITS)
    return null;
  const said = reader.read(log.topics as unknown as Topics, words as unknown as Topics);
  return { kind: 'chunk', ...said, ...placeOf(log) };
}

export const watch: Watch<ChainEvent> = {
  addresses: [addresses.lucidAnchors, addresses.lucidChunkStore],
  read(log) {
    const event = readChainEvent(log);
    return event === null ? [] : [event];
  },
};
