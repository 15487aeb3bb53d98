import { layoutOf } from '../host/home.ts';
import { damageAdvice } from './chain-check.ts';

const home = layoutOf('/data');
const body = { what: 'body', where: 'block 1' };
const entry = { what: 'log entry', where: 'block/1' };
const node = { what: 'state node', where: '0x00' };

test.each([
  [[], [node], 'The damage lies in /data/chain/vm: remove that folder'],
  [[body], [], 'The damage lies in /data/ledger/chain: restore the whole data folder /data'],
  [[entry], [], 'The damage lies in /data/ledger/log: restore the whole data folder /data'],
  [
    [entry, body],
    [node],
    'The damage lies in /data/ledger/chain and /data/ledger/log and /data/chain/vm: restore the whole',
  ],
])('blocks %j and state %j', (blocks, state, says) => {
  expect(damageAdvice(home, { blocks, state })).toContain(says);
});
