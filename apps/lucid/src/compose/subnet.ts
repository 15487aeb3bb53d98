/** Ranges of IPv4 addresses: `172.20.0.0/16`. */

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const rangeOf = (subnet: string): readonly [first: number, last: number] | null => {
  const [, address, bits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(subnet) ?? [];
  if (address === undefined || bits === undefined) return null;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(numberOf(address) / size) * size;
  return [first, first + size - 1];
};

/** False where one of them is no range of IPv4. */
export function overlap(one: string, other: string): boolean {
  const [left, right] = [rangeOf(one), rangeOf(other)];
  return left !== null && right !== null && left[0] <= right[1] && right[0] <= left[1];
}
