/**
 * From a recording to a stranger: `record` and `seal` end with block and transaction, `verify` says which block holds it, and the file is judged
 * offline by the stand-alone verifier, by viem with SHA-256, and by the page docs/verify-without-lucid.md. LUCID_KILLS (8): kill -9 of
 * commands while they anchor.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onSystemChainContract } from '@lucid/contracts';
import { checkEvent, checkLedger, checkTransaction, openFile } from '../libs/verifier/test/chain-stranger.ts';
import { runPage, whyNoPage } from '../libs/verifier/test/run-page.ts';
import { CLOSE_TIMEOUT_MS, finished } from './stack/kept-promises.ts';
import { type HostProcess, LucidCli } from './stack/lucid-cli.ts';
import { beginRecording, clientsOf } from './stack/record-session.ts';
import { type SessionDocument, whenInState } from './stack/recording-agent.ts';
import { runVerify } from './stack/run-verify.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const ROOT = join(__dirname, '..');
const KILLS = Number(process.env.LUCID_KILLS ?? 8);
const SESSIONS = 24;
const CONTRACT = '0x00000000000000000000000000000000004c4101';
const REGISTERED = '0xdfb63e906f9f911cd1738197a2c600d17ef902be11b816fdf2b412961432ea62';
const seed = seedOfRun('evidence on the chain');

interface Result {
  readonly sessionId: string;
  readonly bundle: string;
  readonly verified: boolean;
  readonly block: { readonly number: number; readonly hash: string; readonly transactionHash: string };
}

let cli: LucidCli;
beforeAll(() => {
  cli = new LucidCli({ root: ROOT });
});
afterAll(() => cli?.dispose());

const keysOfNode = async (host: HostProcess) => host.ready as { recorderKey: string; ledgerKey: string };

/** How often a session stands on the chain by itself. */
async function eventsOf(host: HostProcess, sessionId: string): Promise<number> {
  const filter = { fromBlock: '0x0', address: CONTRACT, topics: [REGISTERED, `0x${sessionId}`] };
  const request = { jsonrpc: '2.0', id: 1, method: 'eth_getLogs', params: [filter] };
  const answer = await host.clientOf(onSystemChainContract).rpc({ body: request });
  return (answer as { result: unknown[] }).result.length;
}

/** As one who trusts the ledger's key and nothing else. */
function judgeAsStranger(file: string, ledgerKey: string) {
  const opened = openFile(readFileSync(file));
  checkEvent(opened);
  checkLedger(opened, ledgerKey);
  return { ...checkTransaction(opened), inBatch: opened.anchor.batch !== undefined };
}

describe('a recording of one command', () => {
  let result: Result;
  let text: string;
  beforeAll(async () => {
    result = JSON.parse((await cli.run(['record', '--json', '--', 'true'])).stdout) as Result;
    text = (await cli.run(['record', '--', 'echo', 'hello'])).stdout;
  }, 60_000);

  it('ends with transaction and block', () => {
    expect(text).toMatch(
      /\nanchor {4}block 2 of chain 1337, by the transaction\n {10}0x[0-9a-f]{64}\nverified/,
    );
    expect(result).toMatchObject({ verified: true, block: { number: 1 } });
  });

  it('is told by verify, ours and the one that stands alone, with its block', async () => {
    const { number, hash, transactionHash } = result.block;
    const own = await cli.run(['verify', result.bundle]);
    const alone = runVerify(ROOT, result.bundle);
    expect([own.status, alone.status]).toEqual([0, 0]);
    for (const said of [own.stdout, alone.text]) {
      expect(said).toMatch(new RegExp(`\\nblock +${number} of chain 1337, .*\\n +${hash}\\n`));
      expect(said).toContain(`\n            ${transactionHash}\n`);
    }
  });

  it('is judged by viem and SHA-256 alone', async () => {
    const { ledger } = (await cli.json<{ summary: { anchor: { ledger: string } } }>('verify', result.bundle))
      .summary.anchor;
    const { blockHash, transactionHash } = judgeAsStranger(result.bundle, ledger);
    expect([blockHash, transactionHash]).toEqual([result.block.hash, result.block.transactionHash]);
  });

  it('is exported with its anchor', async () => {
    const path = join(cli.home, 'exported.lucid');
    await cli.json('export', result.sessionId, '--out', path);
    expect(runVerify(ROOT, path).text).toContain(result.block.transactionHash);
  });

  describeWhere(whyNoPage, 'docs/verify-without-lucid.md')('as the page says', () => {
    it('every step holds', () => {
      const lines = runPage(result.bundle);
      expect(lines.filter((line) => !line.startsWith('good: '))).toEqual([]);
      expect(lines).toContain(`good: transaction ${result.block.transactionHash}`);
    }, 60_000);
  });
});

test(`${SESSIONS} sessions that end together share few transactions, each with a proof of its own`, async () => {
  const random = seeded(seed);
  const host = await cli.up();
  const { recorderKey, ledgerKey } = await keysOfNode(host);
  const clients = clientsOf(host);
  const recipient = cli.ownerRecipient();
  const agents = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const agent = await beginRecording(clients, { content: terminalLike(20_000, random), recipient });
      await agent.send(20_000);
      return agent;
    }),
  );
  const sessions = await Promise.all(
    agents.map(async ({ options: { sessionId } }) => {
      const params = { sessionId };
      await clients.orchestrator.stopSession({ params, query: { waitMs: 0 }, body: { closed: 'ended' } });
      return whenInState(clients.orchestrator, sessionId, { states: finished, timeoutMs: 60_000 });
    }),
  );
  const seen = new Set<string>();
  for (const { sessionId, bundle } of sessions) {
    const file = bundle as string;
    expect(runVerify(ROOT, file, { recorder: recorderKey, ledger: ledgerKey }).status).toBe(0);
    const { transactionHash, inBatch } = judgeAsStranger(file, ledgerKey);
    seen.add(transactionHash);
    expect((await eventsOf(host, sessionId)) + (inBatch ? 1 : 0)).toBe(1);
  }
  expect(seen.size).toBeLessThan(SESSIONS);
  await host.end('SIGTERM');
}, 180_000);

test(
  `killed ${KILLS} times while they seal and anchor, commands leave each session on the chain once`,
  async () => {
    const random = seeded(seed);
    const source = join(cli.home, 'source');
    writeFileSync(source, terminalLike(5_000, random));
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const running = cli.start(['seal', source, '--json']);
      await delay(200 + random.below(1_600));
      running.child.kill('SIGKILL');
      const { status } = await running.ended;
      if (status === null) cut += 1;
    }
    const sessions = await whenNothingIsOpen();
    const host = await cli.up();
    const { ledgerKey } = await keysOfNode(host);
    for (const { sessionId, bundle } of sessions) {
      const { inBatch } = judgeAsStranger(bundle as string, ledgerKey);
      expect([sessionId, (await eventsOf(host, sessionId)) + (inBatch ? 1 : 0)]).toEqual([sessionId, 1]);
      expect(runVerify(ROOT, bundle as string).status).toBe(0);
    }
    await host.end('SIGTERM');
    process.stderr.write(`commands cut by a kill: ${cut} of ${KILLS}\n`);
    expect(cut).toBeGreaterThan(0);
  },
  60_000 + 15_000 * KILLS,
);

/** All that was finished; each command goes on with what the one before left. Failed is what was killed before its first record. */
async function whenNothingIsOpen(): Promise<SessionDocument[]> {
  const untilMs = performance.now() + CLOSE_TIMEOUT_MS;
  for (;;) {
    const { sessions } = await cli.json<{ sessions: SessionDocument[] }>('list', '--limit', '1000');
    const open = sessions.filter(({ state }) => !['completed', 'created', 'failed'].includes(state));
    if (open.length === 0) return sessions.filter(({ state }) => state === 'completed');
    if (performance.now() > untilMs)
      throw new Error(`still open: ${open.map(({ state, step }) => `${state} ${step}`).join(', ')}`);
  }
}
