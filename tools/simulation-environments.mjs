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

/** Contracts of Prague that make requests: code that hands back four bytes, and none. */
const requestContracts = {
  '0x00000961ef480eb55e80d19ad83579a64c007002': { code: '0x63010203045f526004601cf3' },
  '0x0000bbddc7ce488642fb579f8b00f3a590007251': { code: '0x00' },
};
/** EIP-2935: hands back what it keeps for a number. */
const blockHashes = {
  '0x0000f90827f1c53a10cb7a02335b175320002935': {
    code: '0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500',
  },
};

export const depositContract = '0x00000000219ab540356cbb839cbe05303d7705fa';
const depositTopic = '649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5';
/** log1(call data behind the first word, which is the topic) */
const logsItsData = { [depositContract]: { code: '0x6020360360205f375f35602036035fa100' } };
/** EIP-6110: five fields of bytes; each at its offset with its length. */
function depositLog() {
  const fields = [48, 32, 8, 96, 8].map((length, index) => `${index + 1}${index + 1}`.repeat(length));
  const offsets = [160, 256, 320, 384, 512];
  const body = fields.map((bytes) => {
    const length = bytes.length / 2;
    return word(length) + bytes.padEnd(64 * Math.ceil(length / 32), '0');
  });
  return `0x${depositTopic}${offsets.map(word).join('')}${body.join('')}`;
}

/** From Cancun through Prague, Osaka and its blobs; `forks` at 1.8, 1.81 and 1.82 thousand million seconds. */
export function forkRequests([a, b]) {
  const stateOverrides = { ...requestContracts, ...blockHashes, ...logsItsData };
  const paid = { maxFeePerGas: quantity(2n * gwei), maxPriorityFeePerGas: '0x1' };
  const transfer = { from: a, to: b, value: '0x5', gas: '0x7530', ...paid };
  const zeros = { from: a, to: b, input: `0x${'00'.repeat(1_000)}`, ...paid };
  const kept = { from: a, to: Object.keys(blockHashes)[0], input: `0x${word(12)}`, ...paid };
  const at = (time) => ({ time: quantity(time) });
  const blocks = [
    { stateOverrides, calls: [transfer, zeros] },
    { blockOverrides: at(1_800_000_000), calls: [transfer, zeros, { from: b, to: address(0x10), ...paid }] },
    { calls: [kept, { from: a, to: depositContract, input: depositLog(), ...paid }] },
    { blockOverrides: at(1_810_000_000), calls: [zeros, { from: b, to: address(0x100), ...paid }] },
    { blockOverrides: at(1_820_000_000), calls: [kept, transfer] },
  ].map(({ calls, ...block }) => ({ ...block, calls: calls.map((call) => ({ gas: '0x30d40', ...call })) }));
  return [
    { blockStateCalls: blocks },
    { blockStateCalls: blocks, validation: true, traceTransfers: true },
    { blockStateCalls: [{ stateOverrides, blockOverrides: at(1_830_000_000), calls: [transfer] }] },
  ];
}
