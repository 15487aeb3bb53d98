// Requests of eth_simulateV1 over the chain of vectors/chain/geth.json: calls, how they end and what they log.

export const address = (last) => `0x${last.toString(16).padStart(40, '0')}`;
export const word = (value) => BigInt(value).toString(16).padStart(64, '0');
export const quantity = (value) => `0x${value.toString(16)}`;
export const gwei = 1_000_000_000n;
// Contracts of the chain, as tools/make-chain-vectors.mjs made them.
const at = { store: 0x1001, reverts: 0x1002, calls: 0x1003, creates: 0x1004, loops: 0x1005, dies: 0x1006 };
export const to = (name) => address(at[name]);
export const store = (slot, value) => ({ to: to('store'), input: `0x${word(slot)}${word(value)}` });
const through = (target, rest = '') => ({ to: to('calls'), input: `0x${word(BigInt(target))}${rest}` });
/** Init code that gives the code `opcodes`, of up to 32 bytes. */
const init = (opcodes) => {
  const length = opcodes.length / 2;
  return `0x${(0x5f + length).toString(16)}${opcodes}5f52${`60${length.toString(16).padStart(2, '0')}60${(32 - length).toString(16).padStart(2, '0')}`}f3`;
};
/** Code that hands back what an opcode without operands gives. */
export const tell = (opcode) => `0x${opcode}5f5260205ff3`;
export const probe = address(0xb0b);
export const rich = { balance: '0x3635c9adc5dea00000' };

/** No call, one, several; blocks behind each other. */
function blocks([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    { blockStateCalls: [{}] },
    { blockStateCalls: [{ calls: [transfer] }] },
    { blockStateCalls: [{ calls: [transfer, transfer] }, { calls: [{ from: b, to: a, value: '0x7' }] }] },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, ...store(5, 9) },
            { from: a, ...store(5, 0) },
          ],
        },
      ],
    },
    { blockStateCalls: [{ calls: [{ from: a, ...store(5, 9) }] }, { calls: [{ from: b, ...store(5, 0) }] }] },
    { blockStateCalls: [{ calls: [{ to: b }, {}] }] },
  ];
}

/** What reverts, runs out of gas, hits an invalid opcode, creates, collides, destroys itself. */
function endings([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    { blockStateCalls: [{ calls: [{ from: a, to: to('reverts') }, transfer] }] },
    { blockStateCalls: [{ calls: [{ from: a, to: to('loops'), gas: '0x186a0' }] }] },
    { blockStateCalls: [{ calls: [{ from: a, input: '0xfe', gas: '0x186a0' }] }] },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, input: init('5f5ffd') },
            { from: a, input: init('33ff'), value: '0x3' },
          ],
        },
      ],
    },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, to: to('creates'), input: init('5f5ffd') },
            { from: a, to: to('creates'), input: init('5f5ffd') },
          ],
        },
      ],
    },
    { blockStateCalls: [{ calls: [{ from: a, to: to('dies'), value: '0x3' }] }], traceTransfers: true },
    { blockStateCalls: [{ calls: [{ from: a, input: '0x33ff', value: '0x9' }] }], traceTransfers: true },
  ];
}

/** The last nonce; calls that the balance forbids, and calls to oneself. */
function oddCalls([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    {
      blockStateCalls: [
        {
          stateOverrides: { [a]: { nonce: '0xffffffffffffffff' } },
          calls: [{ from: a, input: '0x00', gas: '0x186a0' }, transfer, transfer],
        },
      ],
    },
    ...[
      `5f5f5f5f6f${'ff'.repeat(16)}73${b.slice(2)}5af15f5f5f5f600173${b.slice(2)}5af15f5fa0`,
      '5f5f5f5f6001305af15f5fa0',
      `5f5f6f${'ff'.repeat(16)}f05f5f6001f05f5fa0`,
      '5f5f5f5f6001335af15f5fa05f5ffd',
      `73${b.slice(2)}ff`,
      '30ff',
    ].map((code) => ({
      blockStateCalls: [
        {
          stateOverrides: { [probe]: { code: `0x${code}`, balance: '0x64' } },
          calls: [{ from: a, to: probe, gas: '0x493e0' }, transfer],
        },
        { calls: [transfer, { from: a, to: probe, gas: '0x493e0' }] },
      ],
      traceTransfers: true,
    })),
  ];
}

/** Logs and transfers, nested, reverted; a creation that takes value. */
function transfers([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    {
      blockStateCalls: [{ calls: [{ from: a, ...through(to('store'), `${word(3)}${word(4)}`) }, transfer] }],
      traceTransfers: true,
    },
    {
      blockStateCalls: [{ calls: [{ from: a, ...through(to('reverts')), value: '0x2' }, transfer] }],
      traceTransfers: true,
    },
    {
      blockStateCalls: [{ calls: [{ from: a, to: to('reverts'), value: '0x2' }, transfer] }],
      traceTransfers: true,
    },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, input: init('00'), value: '0x2' },
            { from: a, input: '0x5f5ffd', value: '0x2' },
          ],
        },
      ],
      traceTransfers: true,
    },
    {
      blockStateCalls: [{ calls: [transfer] }, { calls: [transfer, { from: a, ...store(1, 2) }] }],
      traceTransfers: true,
      returnFullTransactions: true,
    },
  ];
}

export const callRequests = (senders) =>
  [blocks, endings, oddCalls, transfers].flatMap((requests) => requests(senders));
