/** The little of DER (X.690) that a certificate needs. */
const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const tagged = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = concat(parts);
  return concat([Uint8Array.from([tag, ...lengthOf(body.length)]), body]);
};

export const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts);
export const boolean = (value: boolean) => tagged(0x01, Uint8Array.of(value ? 0xff : 0));
export const octets = (bytes: Uint8Array) => tagged(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0) => tagged(0x03, Uint8Array.of(unused), bytes);
export const utf8 = (text: string) => tagged(0x0c, Buffer.from(text, 'utf8'));

/** Big-endian, not negative. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((each) => each !== 0);
  const rest = first < 0 ? Uint8Array.of(0) : bytes.slice(first);
  return tagged(0x02, (rest[0] as number) >= 0x80 ? concat([Uint8Array.of(0), rest]) : rest);
}

export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = rest.flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...arcs]));
}

/** RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime after. */
export function time(atMs: number): Uint8Array {
  const digits = `${new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return digits < '2050' ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}
