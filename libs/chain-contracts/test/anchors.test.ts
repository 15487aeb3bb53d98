import { randomBytes } from 'node:crypto';
import { inclusionProof, leafHash, nodeHash, rootOfLeaves } from '@lucid/merkle';
import { encodeAbiParameters, hexToBytes, toHex } from 'viem';
import { addresses, type Hex, lucidAnchors, predeploys } from '../src/index.ts';
import { Deployed } from './kit/deployed.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

const ZERO = toHex(0, { size: 32 });
const NOBODY = toHex(0, { size: 20 });
const word = (): Hex => toHex(randomBytes(32));

let chain: TestChain;
let anchors: Deployed<typeof lucidAnchors.abi>;
let sender: Hex;

beforeAll(async () => {
  chain = await openTestChain();
  sender = chain.accounts[1]!;
  const { code } = predeploys[addresses.lucidAnchors]!;
  anchors = new Deployed(chain, lucidAnchors.abi, await chain.place(addresses.lucidAnchors, code));
});
afterAll(() => chain.close());

const registration = (chunkCount = 12) => ({
  sessionId: word(),
  manifestHash: word(),
  startedAt: 1_700_000_000n,
  owner: '0x00112233445566778899aabbccddeeff00112233' as Hex,
  merkleRoot: word(),
  chunkCount,
});
type Registration = ReturnType<typeof registration>;

const argsOf = (r: Registration) =>
  [r.sessionId, r.manifestHash, r.startedAt, r.owner, r.merkleRoot, r.chunkCount] as const;

const FIELDS = ['bytes32', 'bytes32', 'uint64', 'address', 'bytes32', 'uint32'].map((type) => ({ type }));
const encoded = (r: Registration): Uint8Array => hexToBytes(encodeAbiParameters(FIELDS, argsOf(r)));

const lowerCased = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
const sameArgs = (args: object) =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, lowerCased(value)]));

describe('registerSession', () => {
  it('anchors a session: event, commitment, and no more than 90,000 gas', async () => {
    const given = registration();
    const receipt = await anchors.send(sender, 'registerSession', argsOf(given));
    const [event, ...others] = anchors.events(receipt);
    expect(others).toEqual([]);
    expect(event?.name).toBe('SessionRegistered');
    expect(sameArgs(event!.args as object)).toEqual(sameArgs(given));
    expect(receipt.logs[0]!.topics).toEqual([
      lucidAnchors.topics.SessionRegistered,
      given.sessionId,
      `0x${given.owner.slice(2).toLowerCase().padStart(64, '0')}`,
    ]);
    expect(receipt.gasUsed).toBeLessThan(90_000n);
    expect(await anchors.read('registrationOf', [given.sessionId])).toBe(toHex(leafHash(encoded(given))));
    expect(await anchors.read('isRegistered', [given])).toBe(true);
  });

  it('does not take other values for registered ones', async () => {
    const given = registration();
    await anchors.send(sender, 'registerSession', argsOf(given));
    const changes: Partial<Registration>[] = [
      { manifestHash: word() },
      { startedAt: given.startedAt + 1n },
      { owner: sender },
      { merkleRoot: word() },
      { chunkCount: 13 },
      { sessionId: word() },
    ];
    for (const change of changes)
      expect(await anchors.read('isRegistered', [{ ...given, ...change }])).toBe(false);
  });

  it('refuses a session that is registered, from whoever, with whatever values', async () => {
    const given = registration();
    await anchors.send(sender, 'registerSession', argsOf(given));
    const again = argsOf({ ...registration(), sessionId: given.sessionId });
    for (const [from, args] of [
      [sender, argsOf(given)],
      [chain.accounts[2]!, again],
    ] as const)
      expect(await anchors.refused(from, 'registerSession', args)).toEqual({
        error: 'SessionAlreadyRegistered',
        args: [given.sessionId],
      });
    expect(await anchors.read('isRegistered', [given])).toBe(true);
  });

  it.each([
    ['ZeroSessionId', { sessionId: ZERO }],
    ['ZeroManifestHash', { manifestHash: ZERO }],
    ['ZeroOwner', { owner: NOBODY }],
    ['ZeroMerkleRoot', { merkleRoot: ZERO }],
  ] as const)('refuses with %s', async (error, change) => {
    const args = argsOf({ ...registration(), ...change });
    expect(await anchors.refused(sender, 'registerSession', args)).toEqual({ error, args: [] });
  });

  it('takes a session without chunks and the largest numbers', async () => {
    for (const change of [
      { chunkCount: 0, startedAt: 0n },
      { chunkCount: 2 ** 32 - 1, startedAt: 2n ** 64n - 1n },
    ]) {
      const given = { ...registration(), ...change };
      await anchors.send(sender, 'registerSession', argsOf(given));
      expect(await anchors.read('isRegistered', [given])).toBe(true);
    }
  });

  it('takes no money', async () => {
    const data = anchors.data('registerSession', argsOf(registration()));
    const { ok } = await chain.send({ from: sender, to: anchors.address, data, value: 1n });
    expect(ok).toBe(false);
  });

  it('refuses fields that are wider than their types', async () => {
    const data = anchors.data('registerSession', argsOf(registration()));
    const wide = `${data.slice(0, 10 + 64 * 5)}${'f'.repeat(64)}` as Hex;
    expect((await chain.send({ from: sender, to: anchors.address, data: wide })).ok).toBe(false);
  });
});

describe('registerSessions', () => {
  const batchOf = (sizes: number) => {
    const sessions = Array.from({ length: sizes }, () => registration());
    const leaves = sessions.map((each) => leafHash(encoded(each)));
    return { sessions, leaves, root: toHex(rootOfLeaves(leaves)) };
  };
  const pathOf = (leaves: readonly Uint8Array[], index: number): Hex[] =>
    inclusionProof(leaves, index, leaves.length).map((each) => toHex(each));

  it.each([1, 2, 3, 5, 8, 13])(
    'anchors a batch of %i; each of its sessions verifies, on chain',
    async (size) => {
      const { sessions, leaves, root } = batchOf(size);
      const receipt = await anchors.send(sender, 'registerSessions', [root, size]);
      expect(anchors.events(receipt)).toEqual([{ name: 'SessionsRegistered', args: { root, count: size } }]);
      expect(receipt.gasUsed).toBeLessThan(60_000n);
      for (const [index, session] of sessions.entries())
        expect(await anchors.read('verifyRegistration', [root, session, index, pathOf(leaves, index)])).toBe(
          true,
        );
      const { count, blockNumber } = await anchors.read('batchOf', [root]);
      expect(count).toBe(size);
      expect(blockNumber).toBeGreaterThan(0n);
    },
  );

  it('tells what is wrong from what is right', async () => {
    const { sessions, leaves, root } = batchOf(7);
    await anchors.send(sender, 'registerSessions', [root, 7]);
    const [session, path] = [sessions[4]!, pathOf(leaves, 4)];
    const verify = (r: Hex, s: Registration, index: number, p: readonly Hex[]) =>
      anchors.read('verifyRegistration', [r, s, index, p]);
    expect(await verify(root, session, 4, path)).toBe(true);
    for (const index of [0, 3, 5, 6, 7, 2 ** 32 - 1])
      expect(await verify(root, session, index, path)).toBe(false);
    expect(await verify(root, { ...session, chunkCount: 13 }, 4, path)).toBe(false);
    expect(await verify(root, session, 4, path.slice(1))).toBe(false);
    expect(await verify(root, session, 4, [...path, word()])).toBe(false);
    expect(await verify(root, session, 4, [word(), ...path.slice(1)])).toBe(false);
    expect(await verify(root, session, 4, Array.from({ length: 33 }, word))).toBe(false);
    expect(await verify(word(), session, 4, path)).toBe(false);
  });

  it('is bound to the size that was registered', async () => {
    const { sessions, leaves, root } = batchOf(4);
    await anchors.send(sender, 'registerSessions', [root, 8]);
    expect(await anchors.read('verifyRegistration', [root, sessions[1]!, 1, pathOf(leaves, 1)])).toBe(false);
  });

  it('does not look for a leaf deeper than a tree of that size has any', async () => {
    const [session, beside] = [registration(), word()];
    const root = toHex(nodeHash(hexToBytes(beside), leafHash(encoded(session))));
    await anchors.send(sender, 'registerSessions', [root, 1]);
    expect(await anchors.read('verifyRegistration', [root, session, 0, [beside]])).toBe(false);
  });

  it('refuses a root twice, a root of zero and a batch of nothing', async () => {
    const { root } = batchOf(2);
    await anchors.send(sender, 'registerSessions', [root, 2]);
    expect(await anchors.refused(sender, 'registerSessions', [root, 3])).toEqual({
      error: 'RootAlreadyRegistered',
      args: [root],
    });
    expect(await anchors.refused(sender, 'registerSessions', [ZERO, 1])).toEqual({
      error: 'ZeroMerkleRoot',
      args: [],
    });
    expect(await anchors.refused(sender, 'registerSessions', [word(), 0])).toEqual({
      error: 'ZeroCount',
      args: [],
    });
  });
});

describe('anchorChunk', () => {
  it('anchors a chunk once', async () => {
    const [sessionId, hash] = [word(), word()];
    const receipt = await anchors.send(sender, 'anchorChunk', [sessionId, 3, hash]);
    expect(anchors.events(receipt)).toEqual([{ name: 'ChunkAnchored', args: { sessionId, index: 3, hash } }]);
    expect(await anchors.read('chunkOf', [sessionId, 3])).toBe(hash);
    expect(await anchors.read('chunkOf', [sessionId, 4])).toBe(ZERO);
    expect(await anchors.refused(sender, 'anchorChunk', [sessionId, 3, word()])).toEqual({
      error: 'ChunkAlreadyAnchored',
      args: [sessionId, 3],
    });
    await anchors.send(sender, 'anchorChunk', [sessionId, 4, hash]);
  });

  it('refuses zeros', async () => {
    expect(await anchors.refused(sender, 'anchorChunk', [ZERO, 0, word()])).toEqual({
      error: 'ZeroSessionId',
      args: [],
    });
    expect(await anchors.refused(sender, 'anchorChunk', [word(), 0, ZERO])).toEqual({
      error: 'ZeroHash',
      args: [],
    });
  });
});
