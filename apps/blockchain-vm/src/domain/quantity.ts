/** Whole numbers as JSON-RPC of Ethereum writes them: `0x` and hex without leading zeros. */
export const quantity = (value: bigint | number): `0x${string}` => `0x${value.toString(16)}`;
