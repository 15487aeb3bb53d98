/**
 * `lucid chain fund`: a chain that began before there were accounts for deployments and votes gave them nothing; the account of this node
 * has enough for all of them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  createChainClient,
  createChainView,
  createDocumentOutbox,
  type Hex,
  isChainClientError,
  type JsonRpcCaller,
  outboxCollection,
} from '@lucid/chain-client';
import { createMemoryDocumentStore } from '@lucid/document-store';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { type ChainAccounts, chainAccounts } from '../host/chain.ts';
import { ENOUGH_WEI, readyChain } from './chain.ts';

/** Of what the node's account has. */
const SHARE = 10n;
const POLL_MS = 100;

const failed = (error: unknown): unknown =>
  isChainClientError(error)
    ? new CliError(
        'host_failed',
        `the chain does not take it (${error.code}); try again: what was given is not given twice.`,
        {
          cause: error,
        },
      )
    : error;

/** A transfer of the node's account. What else sends from it finds its nonce taken, and takes the next. */
async function give(call: JsonRpcCaller, { chainId, secretKey }: { chainId: number; secretKey: string }) {
  const documents = createMemoryDocumentStore(new Map());
  const outbox = createDocumentOutbox(await documents.collection(outboxCollection));
  const clock = { nowMs: Date.now, sleep: (delayMs: number) => delay(delayMs) };
  const client = createChainClient(
    { chainId, secretKey, confirmations: 1, pollMs: POLL_MS },
    { call, outbox, clock },
  );
  return (to: Hex, value: bigint) => client.send({ intentId: `fund:${to}`, to, data: '0x', value });
}

export async function fundChain(context: CommandContext): Promise<number> {
  const { lucid, output } = context;
  const { chain, status } = await readyChain(context);
  if (status.producer === null)
    throw new CliError(
      'usage',
      'the blocks of this chain are made elsewhere: this node has no account in it',
    );
  const { secretKey, account, helpers }: ChainAccounts = await chainAccounts(lucid.home);
  const call: JsonRpcCaller = (request) => chain.rpc({ body: request });
  const { chainId } = status;
  const view = createChainView(chainId, call);
  const funded: { name: string; address: string; givenWei: string }[] = [];
  try {
    const balance = await view.balance(account);
    if (balance < ENOUGH_WEI)
      throw new CliError(
        'key_missing',
        `the account ${account} of this node has no funds either: keys/chain.key is not the key that this chain began with. Restore that one from a backup.`,
      );
    const transfer = await give(call, { chainId, secretKey });
    for (const { name, address } of helpers) {
      const isPoor = (await view.balance(address)) < ENOUGH_WEI;
      if (isPoor) await transfer(address, balance / SHARE);
      funded.push({ name, address, givenWei: String(isPoor ? balance / SHARE : 0n) });
      output.line(`${name}  ${address}  ${isPoor ? `${balance / SHARE} wei given` : 'has enough'}`);
    }
  } catch (error) {
    throw failed(error);
  }
  output.json({ account, funded });
  return exitCodes.ok;
}
