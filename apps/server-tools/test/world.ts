/** server-tools over a real server of MongoDB's wire protocol and a folder of its own. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverToolsContract } from '@lucid/contracts';
import type { Clock } from '@lucid/service-kit';
import { startTestStack } from '@lucid/service-kit/testing';
import { type Db, MongoClient } from 'mongodb';
import { startMongoWire, type TestServer, whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { serverTools } from '../src/index.ts';

/** `describe`, where the server can be had; said aloud where not, and a failure in CI. */
export function describeOnMongoWire(): typeof describe | typeof describe.skip {
  const why = whyNoMongoWire();
  if (why === null) return describe;
  if (process.env.CI) throw new Error(`CI must test backups on a MongoDB wire server: ${why}`);
  process.stderr.write(`skipped: backups on a MongoDB wire server: ${why}\n`);
  return describe.skip;
}

export interface World {
  readonly server: TestServer;
  readonly client: MongoClient;
  /** A database of its own. */
  database(): { readonly name: string; readonly url: string; readonly db: Db };
  folder(): string;
  dispose(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const server = await startMongoWire();
  const client = new MongoClient(server.url);
  const folders: string[] = [];
  let databases = 0;
  return {
    server,
    client,
    database() {
      databases += 1;
      const name = `d${databases}`;
      return { name, url: new URL(name, server.url).href, db: client.db(name) };
    },
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'lucid-b-'));
      folders.push(folder);
      return folder;
    },
    async dispose() {
      await client.close();
      await server.stop();
      for (const folder of folders) {
        chmodSync(folder, 0o700);
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export interface ToolsOptions {
  readonly url: string;
  readonly folder: string;
  readonly clock?: Clock;
  readonly environment?: Record<string, string>;
  readonly adapters?: Record<string, unknown>;
}

/** The service, and a client of its operator. */
export async function startTools({ url, folder, clock, environment, adapters }: ToolsOptions) {
  const stack = await startTestStack({
    transport: 'local',
    definitions: [serverTools],
    environment: {
      MONGO_URL: url,
      SERVER_TOOLS_BACKUP_DIR: folder,
      SERVER_TOOLS_STORE_TIMEOUT_MS: '2000',
      ...environment,
    },
    ...(adapters ? { adapters: { 'server-tools': adapters } } : {}),
    ...(clock ? { clock } : {}),
  });
  const client = stack.clientOf(serverToolsContract, { retry: false, breaker: false });
  const ended = async (jobId: string) => {
    for (;;) {
      const job = await client.getJob({ params: { jobId }, query: { waitMs: 20_000 } });
      if (job.state !== 'running') return job;
    }
  };
  return {
    stack,
    client,
    ended,
    dump: async () => ended((await client.startDump()).jobId),
    verify: async (backup: string) => ended((await client.startVerify({ body: { backup } })).jobId),
    restore: async (backup: string, replace = false) =>
      ended((await client.startRestore({ body: { backup, replace } })).jobId),
    prune: async (body: { keep?: number; days?: number } = {}) =>
      ended((await client.startPrune({ body })).jobId),
    close: () => stack.close(),
  };
}

export type Tools = Awaited<ReturnType<typeof startTools>>;

/** Everything in a database: documents as bytes in hex, by collection, in no order that means anything. */
export async function contentOf(db: Db): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const { name } of await db.listCollections().toArray()) {
    const documents: string[] = [];
    for await (const raw of db.collection(name).find({}, { raw: true }))
      documents.push(Buffer.from(raw as unknown as Uint8Array).toString('hex'));
    content[name] = documents.sort();
  }
  return content;
}

export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();

export async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
}
