import { describe, expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import { parseGenesis } from './genesis.ts';
import { ChainError, lucidGenesis, openChainApplication } from './index.ts';

const account = '0x00000000000000000000000000000000000000aa';
const base = (): Record<string, unknown> => ({
  ...lucidGenesis({ alloc: { [account]: { balance: 5n } }, timestampSec: 1_700_000_000 }),
});

const faultOf = (genesis: unknown): string => {
  try {
    parseGenesis(genesis);
    return 'no error';
  } catch (error) {
    return error instanceof ChainError && error.code === 'genesis_invalid'
      ? String(error.detail)
      : String(error);
  }
};

const withConfig = (change: Record<string, unknown>): unknown => {
  const genesis = base();
  return { ...genesis, config: { ...(genesis.config as object), ...change } };
};

describe('a genesis file is judged', () => {
  test.each([
    [
      'alloc.00.balance is no number',
      { ...base(), alloc: { [account]: { balance: 'x' } } },
      `alloc.${account}.balance: expected`,
    ],
    [
      'the balance is missing',
      { ...base(), alloc: { [account]: {} } },
      `alloc.${account}.balance: is missing`,
    ],
    [
      'an address is too short',
      { ...base(), alloc: { '0xaa': { balance: '1' } } },
      'alloc.0xaa: expected an address',
    ],
    [
      'an address is there twice',
      { ...base(), alloc: { [account]: { balance: 1 }, [account.slice(2)]: { balance: 1 } } },
      'is there twice',
    ],
    [
      'code has an odd digit',
      { ...base(), alloc: { [account]: { balance: 1, code: '0x1' } } },
      `alloc.${account}.code: expected`,
    ],
    [
      'a slot is too long',
      { ...base(), alloc: { [account]: { balance: 1, storage: { [`0x${'1'.repeat(65)}`]: '1' } } } },
      'at most 32 bytes',
    ],
    [
      'a secret key is in it',
      { ...base(), alloc: { [account]: { balance: 1, secretKey: '0x01' } } },
      `alloc.${account}.secretKey`,
    ],
    [
      'a fork is not known',
      withConfig({ amsterdamTime: 5 }),
      'config.amsterdamTime: this member is not known',
    ],
    [
      'forks are out of order',
      withConfig({ cancunTime: 1, pragueTime: 0 }),
      'config.pragueTime: comes before config.cancunTime',
    ],
    [
      'a fork is skipped',
      withConfig({ cancunTime: undefined, pragueTime: 0 }),
      'config.pragueTime: is set, but config.cancunTime',
    ],
    ['EIP-155 without EIP-158', withConfig({ eip158Block: 3 }), 'config.eip155Block: must be equal'],
    ['clique', withConfig({ clique: { period: 1 } }), 'config.clique'],
    [
      'the merge is nowhere',
      withConfig({ mergeNetsplitBlock: undefined, terminalTotalDifficulty: 9 }),
      'config.terminalTotalDifficulty: is not reached',
    ],
    ['the chain id is missing', withConfig({ chainId: undefined }), 'config.chainId: expected'],
    [
      'the blob schedule names no fork',
      withConfig({ blobSchedule: { paris: {} } }),
      'config.blobSchedule.paris',
    ],
    ['gasLimit is missing', { ...base(), gasLimit: undefined }, 'gasLimit: is missing'],
    [
      'gasLimit does not fit',
      { ...base(), gasLimit: '0x1ffffffffffffffff' },
      'gasLimit: does not fit into 64 bits',
    ],
    ['mixHash is short', { ...base(), mixHash: '0x00' }, 'mixHash: expected 32 bytes, found 1'],
    ['it is not block 0', { ...base(), number: '0x1' }, 'number: must be 0'],
    ['a member is not known', { ...base(), stateHash: '0x' }, 'stateHash: this member is not known'],
    ['it is a list', [], 'genesis: expected an object'],
    ['it is not JSON', '{', 'it is not JSON'],
  ])('%s', (_, genesis, fault) => {
    expect(faultOf(genesis)).toContain(fault);
  });

  test('numbers may be decimal, hex or JSON numbers', () => {
    const parsed = parseGenesis({ ...base(), gasLimit: '30000000', timestamp: 7, difficulty: '0x0' });
    expect(parsed.header.gasLimit).toBe(30_000_000n);
    expect(parsed.header.timestamp).toBe(7n);
  });
});

test('a store of another chain is refused', async () => {
  const store = createMemoryKvStore();
  await openChainApplication({ genesis: base(), store });
  const other = lucidGenesis({ alloc: {}, timestampSec: 1_700_000_000 });
  await expect(openChainApplication({ genesis: other, store })).rejects.toMatchObject({
    code: 'genesis_conflict',
  });
});
