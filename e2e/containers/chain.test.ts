/**
 * The chain as containers: an installation of layer 1 grows by layer 2, from then on its sessions are registered on the chain, and what
 * is built upon the chain answers.
 */
import { join } from 'node:path';
import {
  blockchainApiContract,
  blockchainApiReadContract,
  contractCompilerContract,
  onSystemChainClientContract,
} from '@lucid/contracts';
import { servicesOf, whyNoComposeStack } from '../stack/compose-settings.ts';
import { ComposeStack, startComposeStack } from '../stack/compose-stack.ts';
import { beginRecording, clientsOf } from '../stack/record-session.ts';
import { whenInState } from '../stack/recording-agent.ts';
import { seeded, seedOfRun, terminalLike } from '../stack/seeded.ts';
import { describeWhere } from '../stack/skip-loudly.ts';

const ROOT = join(__dirname, '../..');
const PROFILES = ['session-pipeline', 'blockchain'] as const;
const LAYER_1 = { file: 'layer1', profiles: PROFILES } as const;
const LAYER_2 = { file: 'layer2', profiles: PROFILES } as const;
const random = seeded(seedOfRun('containers of the chain'));

const BUILT_UPON_IT = [
  'blockchain-sessions-data',
  'blockchain-api',
  'blockchain-api-read',
  'contract-compiler',
] as const;

/** A token of OpenZeppelin's: what people compile, with all that it imports. */
const TOKEN = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
contract Token is ERC20 { constructor() ERC20("Token", "T") { _mint(msg.sender, 1e18); } }
`;

async function record(stack: ComposeStack): Promise<string> {
  const clients = clientsOf(stack);
  const content = terminalLike(200_000, random);
  const agent = await beginRecording(clients, { content, recipient: stack.keys.owner.recipient });
  await agent.makeDurable(content.length);
  const { sessionId } = agent.options;
  const body = { closed: 'ended' as const };
  await clients.orchestrator.stopSession({ params: { sessionId }, query: { waitMs: 30_000 }, body });
  const waiting = { states: ['completed', 'failed'], timeoutMs: 30_000 };
  const session = await whenInState(clients.orchestrator, sessionId, waiting);
  expect(session).toMatchObject({ state: 'completed', anchored: true });
  return sessionId;
}

describeWhere(whyNoComposeStack(LAYER_2), 'the chain as containers')('the chain as containers', () => {
  let small: ComposeStack;
  let stack: ComposeStack;
  let before: string;
  beforeAll(async () => {
    small = await startComposeStack({ root: ROOT, ...LAYER_1 });
    before = await record(small);
    stack = new ComposeStack({
      ...small,
      services: servicesOf(LAYER_2),
      file: join(ROOT, 'compose/layer2.yaml'),
    });
    await stack.up();
    await stack.ready('session-orchestrator', 'on-system-chain-client', 'on-system-chain', ...BUILT_UPON_IT);
  }, 400_000);
  afterAll(() => (stack ?? small)?.stop(), 120_000);

  const anchorOf = (sessionId: string) =>
    stack.clientOf(onSystemChainClientContract).getAnchor({ params: { sessionId } });

  it('registers new sessions on the chain, and leaves in the log what was anchored there', async () => {
    const sessionId = await record(stack);
    expect(await anchorOf(sessionId)).toMatchObject({
      status: 'confirmed',
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      chainAnchor: { kind: 'chain' },
    });
    const log = await anchorOf(before);
    expect(log).toMatchObject({ status: 'confirmed', anchor: { kind: 'ledger' } });
    expect(log.transactionHash).toBeUndefined();
  }, 60_000);

  it('shows registrations by both faces of its API, of which one has no way to write', async () => {
    const sessionId = await record(stack);
    const { transactionHash, blockHeight } = await anchorOf(sessionId);
    const read = stack.clientOf(blockchainApiReadContract);
    const params = { transaction: transactionHash as string };
    expect(await read.getTransaction({ params })).toMatchObject({
      transactionHash,
      status: 'succeeded',
      block: { height: blockHeight },
    });
    // What is asked for and not indexed yet is looked for at once.
    expect(await read.getAnchoring({ params: { sessionId } })).toMatchObject({ transactionHash });
    const full = stack.clientOf(blockchainApiContract);
    expect(await full.verifyAnchoring({ body: { sessionId } })).toMatchObject({ verified: true });
    const post = (name: 'blockchain-api' | 'blockchain-api-read') =>
      fetch(`${stack.originOf(name)}/api/v1/transactions`, { method: 'POST', body: '{}' });
    expect((await post('blockchain-api-read')).status).toBe(404);
    expect((await post('blockchain-api')).status).not.toBe(404);
  }, 60_000);

  it('compiles within the memory of its container', async () => {
    const compiler = stack.clientOf(contractCompilerContract);
    const answer = await compiler.compile({ body: { sources: [{ name: 'Token.sol', content: TOKEN }] } });
    expect(answer).toMatchObject({ ok: true });
    expect(answer.contracts.map(({ name }) => name)).toContain('Token');
  }, 60_000);
});
