/** Bytes as 0x and lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

/** What the compiler gives for one contract. */
export interface ContractArtifact {
  readonly contractName: string;
  readonly sourceName: string;
  /** Version of solc, with its commit. */
  readonly compiler: string;
  /** SHA-256 of lines `SHA-256 path` over all sources of the contract, sorted by path. */
  readonly sourceHash: string;
  /** Standard JSON ABI. */
  readonly abi: readonly unknown[];
  /** Creation code, without constructor arguments. */
  readonly bytecode: Hex;
  /** Runtime code; where it has immutable references, with zeros in their place. */
  readonly deployedBytecode: Hex;
  /** Bytes of the runtime code that the constructor fills in. */
  readonly immutableReferences: readonly { readonly start: number; readonly length: number }[];
  /** Of functions, by signature: 4 bytes. */
  readonly selectors: Readonly<Record<string, Hex>>;
  /** Of events, by name: 32 bytes. */
  readonly topics: Readonly<Record<string, Hex>>;
  /** Of custom errors, by name: 4 bytes. */
  readonly errors: Readonly<Record<string, Hex>>;
}
