// Requests of eth_simulateV1 over the chain of vectors/chain/geth.json: blocks and accounts as they shall be, and fees.
import { address, gwei, probe, quantity, rich, store, tell, to, word } from './simulation-requests.mjs';

/** What the block is. */
function environments([a]) {
  const opcodes = ['41', '42', '43', '44', '45', '46', '48', '4a', '3a', '32'];
  const probes = opcodes.map((opcode, index) => [address(0xb00 + index), { code: tell(opcode) }]);
  const probing = {
    stateOverrides: Object.fromEntries(probes),
    calls: probes.map(([each]) => ({ from: a, to: each })),
  };
  return [
    {
      blockStateCalls: [
        probing,
        {
          ...probing,
          blockOverrides: {
            number: '0xe',
            time: '0x6553f500',
            gasLimit: '0x989680',
            feeRecipient: address(0xfee),
            prevRandao: `0x${word(77)}`,
            baseFeePerGas: '0x7',
            blobBaseFee: '0x9',
          },
        },
      ],
    },
    {
      blockStateCalls: [
        {
          blockOverrides: { number: '0xd' },
          calls: [
            { from: a, input: '0x600b405f5260205ff3' },
            { from: a, input: '0x600c405f5260205ff3' },
            { from: a, input: '0x6003405f5260205ff3' },
          ],
        },
      ],
    },
  ];
}

/** The beacon root of a block, withdrawals. */
function extras([, b]) {
  return [
    {
      blockStateCalls: [
        {
          blockOverrides: {
            withdrawals: [{ index: '0x1', validatorIndex: '0x2', address: address(0xabc), amount: '0x3' }],
          },
        },
        { calls: [{ from: address(0xabc), to: b, value: '0x1' }] },
      ],
    },
    { blockStateCalls: [{ blockOverrides: { beaconRoot: `0x${word(5)}` } }] },
  ];
}

/** Accounts as they shall be. */
function accountsAsTheyShallBe([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  const poor = address(0xdead);
  return [
    {
      blockStateCalls: [
        { stateOverrides: { [poor]: rich }, calls: [{ from: poor, to: b, value: '0x5' }] },
        { calls: [{ from: poor, to: b, value: '0x5' }] },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [to('store')]: { stateDiff: { [`0x${word(5)}`]: `0x${word(1)}` } } },
          calls: [{ from: a, ...store(5, 9) }],
        },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [to('store')]: { state: { [`0x${word(5)}`]: `0x${word(1)}` }, nonce: '0x5' } },
          calls: [{ from: a, ...store(1, 9) }],
        },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [address(0xe0)]: { balance: '0x0' }, [address(0xe1)]: { code: '0x' } },
          calls: [{ from: a, to: address(0xe0) }],
        },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [a]: { code: tell('43'), nonce: '0x64' } },
          calls: [transfer, { from: b, to: a }],
        },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [address(2)]: { movePrecompileToAddress: probe } },
          calls: [
            { from: a, to: probe, input: '0x616263' },
            { from: a, to: address(2), input: '0x616263' },
          ],
        },
        { calls: [{ from: a, to: address(2), input: '0x616263' }] },
      ],
    },
    {
      blockStateCalls: [
        {
          stateOverrides: { [address(4)]: { code: tell('43') } },
          calls: [{ from: a, to: address(4), input: '0x616263' }],
        },
      ],
    },
  ];
}

/** Fees. */
function fees([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    {
      blockStateCalls: [
        {
          blockOverrides: { feeRecipient: probe, baseFeePerGas: '0xa' },
          calls: [
            { ...transfer, maxFeePerGas: '0x14', maxPriorityFeePerGas: '0x3' },
            { ...transfer, gasPrice: '0x14' },
          ],
        },
      ],
      returnFullTransactions: true,
    },
    { blockStateCalls: [{ calls: [{ ...transfer, gasPrice: quantity(2n * gwei) }] }] },
    { blockStateCalls: [{ blockOverrides: { baseFeePerGas: '0xa' }, calls: [transfer] }] },
    {
      blockStateCalls: [
        {
          calls: [
            {
              ...store(5, 9),
              from: a,
              accessList: [{ address: to('store'), storageKeys: [`0x${word(5)}`] }],
            },
          ],
        },
      ],
      returnFullTransactions: true,
    },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, to: probe, maxFeePerBlobGas: '0xa', blobVersionedHashes: [`0x01${'0'.repeat(62)}`] },
          ],
        },
      ],
      returnFullTransactions: true,
    },
  ];
}

export const environmentRequests = (senders) =>
  [environments, extras, accountsAsTheyShallBe, fees].flatMap((requests) => requests(senders));
