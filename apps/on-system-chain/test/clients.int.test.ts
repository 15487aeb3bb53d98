/** Clients of Ethereum, unchanged, over a real port. */
import { expect, test } from '@jest/globals';
import { createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { accountOf, chainId, startChain } from './chain-stack.ts';

test('viem sends value', async () => {
  const { url, close, stack } = await startChain();
  try {
    const chain = defineChain({
      id: chainId,
      name: 'lucid_blocks',
      nativeCurrency: { name: 'Lucid', symbol: 'LUCID', decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    const reader = createPublicClient({ chain, transport: http(url), pollingInterval: 50 });
    const wallet = createWalletClient({ account: accountOf(0), chain, transport: http(url) });
    const hash = await wallet.sendTransaction({ to: accountOf(99).address, value: 5n });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe('success');
    expect(await reader.getBalance({ address: accountOf(99).address })).toBe(5n);
  } finally {
    console.log(stack.logLines.filter((l)=>l.level!=='debug'&&l.msg!=='request').map((l)=>JSON.stringify(l).slice(0,600)).join('\n')); await close();
  }
});
