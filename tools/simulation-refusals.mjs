// Requests of eth_simulateV1 that are held to what holds for transactions, and that are refused, for every reason that go-ethereum has.
import { address, gwei, probe, quantity, rich, store } from './simulation-requests.mjs';

export function validatedRequests([a, b], nonces) {
  const fees = { maxFeePerGas: quantity(2n * gwei), maxPriorityFeePerGas: '0x1' };
  const paid = { from: a, to: b, value: '0x5', ...fees, gas: '0x5208' };
  const validation = true;
  return [
    { blockStateCalls: [{ calls: [paid, { ...paid, from: b, to: a }] }, { calls: [paid] }], validation },
    {
      blockStateCalls: [
        {
          calls: [
            { ...paid, nonce: quantity(nonces[0]) },
            { ...paid, nonce: quantity(nonces[0] + 1) },
          ],
        },
      ],
      validation,
      returnFullTransactions: true,
    },
    {
      blockStateCalls: [
        { calls: [{ ...paid, ...store(9, 9), gas: '0x186a0' }] },
        {},
        { blockOverrides: { number: '0xf' } },
      ],
      validation,
      traceTransfers: true,
    },
    // Each refusal.
    { blockStateCalls: [{ calls: [{ ...paid, nonce: '0x0' }] }], validation },
    { blockStateCalls: [{ calls: [{ ...paid, nonce: '0xffff' }] }], validation },
    {
      blockStateCalls: [{ calls: [{ ...paid, maxFeePerGas: '0x1', maxPriorityFeePerGas: '0x0' }] }],
      validation,
    },
    { blockStateCalls: [{ calls: [{ ...paid, maxPriorityFeePerGas: quantity(3n * gwei) }] }], validation },
    { blockStateCalls: [{ calls: [{ ...paid, gas: '0x5207' }] }], validation },
    { blockStateCalls: [{ calls: [{ ...paid, from: address(0xdead) }] }], validation },
    {
      blockStateCalls: [{ stateOverrides: { [a]: { nonce: '0xffffffffffffffff' } }, calls: [paid] }],
      validation,
    },
    { blockStateCalls: [{ calls: [{ ...paid, value: quantity(1n << 255n) }] }], validation },
    { blockStateCalls: [{ calls: [{ from: a, ...fees, input: `0x${'00'.repeat(49_153)}` }] }], validation },
    { blockStateCalls: [{ calls: [{ ...paid, gas: quantity(60_000_001) }] }], validation },
  ];
}

export function refusedRequests([a, b]) {
  const transfer = { from: a, to: b, value: '0x5' };
  return [
    { blockStateCalls: [] },
    { blockStateCalls: [{ calls: [{ ...transfer, from: address(0xdead) }] }] },
    { blockStateCalls: [{ calls: [{ ...transfer, gas: '0x1' }] }] },
    { blockStateCalls: [{ calls: [{ ...transfer, gas: quantity(60_000_001) }] }] },
    { blockStateCalls: [{ blockOverrides: { number: '0xc' } }, { blockOverrides: { number: '0xc' } }] },
    { blockStateCalls: [{ blockOverrides: { number: '0x1' } }] },
    { blockStateCalls: [{ blockOverrides: { time: '0x1' } }] },
    { blockStateCalls: [{ blockOverrides: { number: quantity(10 + 257) } }] },
    { blockStateCalls: Array(257).fill({}) },
    { blockStateCalls: [{ stateOverrides: { [a]: { movePrecompileToAddress: probe } } }] },
    {
      blockStateCalls: [
        { stateOverrides: { [address(2)]: { movePrecompileToAddress: probe }, [probe]: rich } },
      ],
    },
    {
      blockStateCalls: [
        { stateOverrides: { [address(1)]: { movePrecompileToAddress: address(2) }, [address(2)]: rich } },
      ],
    },
    { blockStateCalls: [{ calls: [{ ...transfer, maxPriorityFeePerGas: '0x1' }] }] },
    {
      blockStateCalls: [
        {
          calls: [
            { from: a, maxFeePerBlobGas: '0xa', to: b, blobVersionedHashes: [`0x02${'0'.repeat(62)}`] },
          ],
        },
      ],
    },
    { blockStateCalls: [{ calls: [{ from: a, maxFeePerBlobGas: '0xa', to: b, blobVersionedHashes: [] }] }] },
  ];
}
