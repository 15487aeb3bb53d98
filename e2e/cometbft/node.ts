/** One node of the network: CometBFT and the chain's application, two processes that live and die together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../stack/until.ts';

export interface Header {
  readonly height: number;
  readonly appHash: string;
  /** Round in which the block was decided. */
  readonly round: number;
  readonly proposer: string;
}

export interface CometNodeOptions {
  readonly folder: string;
  readonly cometbft: string;
  readonly applicationProgram: string;
  readonly rpcPort: number;
  /** Address of its validator, lower-case hex. */
  readonly address: string;
}

export class CometNode {
  readonly #options: CometNodeOptions;
  #children: ChildProcess[] = [];

  constructor(options: CometNodeOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.address;
  }

  get alive(): boolean {
    return this.#children.length > 0;
  }

  /** Settles once CometBFT answers. What both say goes to FOLDER/log. `junk`: it proposes what is no transaction. */
  async start({ junk = false } = {}): Promise<void> {
    const { folder, cometbft, applicationProgram } = this.#options;
    const log = openSync(join(folder, 'log'), 'a');
    const application = spawn(process.execPath, [applicationProgram, folder, ...(junk ? ['junk'] : [])], {
      stdio: ['ignore', 'pipe', log],
    });
    this.#children.push(application);
    for await (const line of createInterface({ input: application.stdout! })) if (line === 'ready') break;
    if (application.exitCode !== null) throw new Error(`the application ended, see ${folder}/log`);
    this.#children.push(
      spawn(cometbft, ['start', '--home', join(folder, 'cometbft')], { stdio: ['ignore', log, log] }),
    );
    await until(`CometBFT of ${folder}`, async () => (await this.rpc('health')) !== undefined);
  }

  /** Nothing is written any more, nothing is said. */
  async kill(): Promise<void> {
    const children = this.#children;
    this.#children = [];
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }

  async rpc(method: string, params: object = {}): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#options.rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(10_000),
    });
    const { result, error } = (await answer.json()) as {
      result?: unknown;
      error?: { message: string; data: string };
    };
    if (error !== undefined) throw new Error(`${method}: ${error.message} ${error.data}`);
    return result;
  }

  /** Code and text of CheckTx; a transaction that it knows already is fine. */
  async send(raw: Uint8Array): Promise<{ code: number; log: string }> {
    try {
      const tx = Buffer.from(raw).toString('base64');
      return (await this.rpc('broadcast_tx_sync', { tx })) as { code: number; log: string };
    } catch (error) {
      if (String(error).includes('tx already exists in cache')) return { code: 0, log: '' };
      throw error;
    }
  }

  async height(): Promise<number> {
    const { sync_info } = (await this.rpc('status')) as { sync_info: { latest_block_height: string } };
    return Number(sync_info.latest_block_height);
  }

  async header(height: number): Promise<Header> {
    const { signed_header } = (await this.rpc('commit', { height: String(height) })) as {
      signed_header: { header: { app_hash: string; proposer_address: string }; commit: { round: number } };
    };
    return {
      height,
      appHash: `0x${signed_header.header.app_hash.toLowerCase()}`,
      round: signed_header.commit.round,
      proposer: signed_header.header.proposer_address.toLowerCase(),
    };
  }

  /** Step of the consensus: 4 and more, once it has voted in the round. */
  async step(): Promise<{ height: number; round: number; step: number }> {
    const { round_state } = (await this.rpc('consensus_state')) as {
      round_state: { 'height/round/step': string };
    };
    const [height, round, step] = round_state['height/round/step'].split('/').map(Number);
    return { height: height!, round: round!, step: step! };
  }

  /** Hash of CometBFT's own block, as its light clients trust it. */
  async cometHash(height: number): Promise<string> {
    const { signed_header } = (await this.rpc('commit', { height: String(height) })) as {
      signed_header: { commit: { block_id: { hash: string } } };
    };
    return signed_header.commit.block_id.hash;
  }

  async #ask(path: string): Promise<Buffer | null> {
    const { response } = (await this.rpc('abci_query', { path })) as {
      response: { code: number; value: string | null };
    };
    return response.code === 0 && response.value !== null ? Buffer.from(response.value, 'base64') : null;
  }

  /** Newest block of the chain here. */
  async head(): Promise<{ height: number; blockHash: string }> {
    return JSON.parse((await this.#ask('/head'))!.toString('utf8')) as { height: number; blockHash: string };
  }

  block(height: number): Promise<Buffer | null> {
    return this.#ask(`/block/${height}`);
  }
}
