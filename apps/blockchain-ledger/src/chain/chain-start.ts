/** What a start looks at before the chain is used; see chain.ts. */
import { ChainError, damaged } from './chain-error.ts';
import type { ChainStore } from './chain-store.ts';
import { readHeader } from './header.ts';
import type { HeaderLog } from './header-log.ts';
import { contentRange, type HeadRecord, headerRange } from './store-layout.ts';

const HEADERS_COMPARED_AT_START = 64;

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** Throws where head, its header and what lies beyond do not fit each other. */
export async function checkHead(store: ChainStore, head: HeadRecord): Promise<void> {
  const record = await store.readHeader(head.height);
  if (!isSame(record.blockHash, head.blockHash))
    throw damaged('the head names another block than its header is');
  if (readHeader(record.headerRlp).height !== head.height)
    throw damaged('the header of the head is of another height');
  if (record.transactionsBefore + record.transactions !== head.transactions)
    throw damaged('the head counts other transactions than its header');
  for await (const _ of store.entries({ ...headerRange(head.height + 1), limit: 1 }))
    throw damaged('it holds headers beyond its head');
  for await (const _ of store.entries({
    ...contentRange(head.height + 1, Number.MAX_SAFE_INTEGER),
    limit: 1,
  }))
    throw damaged('it holds blocks beyond its head');
}

/** Compares the newest headers with the log, and appends in order those that it lacks. */
export async function catchUp(store: ChainStore, log: HeaderLog, newest: number): Promise<void> {
  let missingFrom = newest + 1;
  for (let height = newest; height >= 0; height--) {
    const logged = await log.find(height);
    if (logged === undefined) missingFrom = height;
    else if (!isSame(logged, (await store.readHeader(height)).headerRlp)) {
      log.stop(`the log holds another block ${height} than the store of the blocks`);
      throw new ChainError('chain_rolled_back', { detail: `the log holds another block ${height}` });
    }
    if (newest - height >= HEADERS_COMPARED_AT_START && missingFrom !== height) break;
  }
  for (let height = missingFrom; height <= newest; height++)
    await log.append(height, (await store.readHeader(height)).headerRlp);
}
