/** Forks of the chain as EIP-7910 (`eth_config`) tells them. */
import type { Hex } from './values.ts';

export interface ForkConfig {
  /** In seconds; 0 where the chain begins with it. */
  readonly activationTime: number;
  /** Blobs of a block, and how fast their price changes (EIP-7840). Null before Cancun. */
  readonly blobSchedule: {
    readonly target: number;
    readonly max: number;
    readonly baseFeeUpdateFraction: number;
  } | null;
  readonly chainId: number;
  /** EIP-2124: 4 bytes. */
  readonly forkId: Hex;
  readonly precompiles: Readonly<Record<string, Hex>>;
  readonly systemContracts: Readonly<Record<string, Hex>>;
}

/** Forks by height alone are not told: `current` is null before Shanghai. */
export interface ForkSchedule {
  readonly current: ForkConfig | null;
  readonly next: ForkConfig | null;
  /** Null where no next one is planned. */
  readonly last: ForkConfig | null;
}
