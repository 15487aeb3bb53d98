import process from 'node:process';
import type { Hex } from '../../src/index.ts';
import { createNodeChain } from './node-chain.ts';
import type { TestChain } from './test-chain.ts';
import { createVmChain } from './vm-chain.ts';

/** The node at LUCID_ETH_URL where that is set, else the reference EVM in this process. */
export function openTestChain(): Promise<TestChain> {
  const { LUCID_ETH_URL: url, LUCID_ETH_KEY: key } = process.env;
  return url ? createNodeChain(url, key as Hex | undefined) : createVmChain();
}
