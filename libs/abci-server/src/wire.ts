/**
 * Protocol Buffers (proto3, https://protobuf.dev/programming-guides/encoding) of messages that are declared as tables of fields: each field
 * knows its number and its kind, and the type of a message follows from its table. Reading and writing of the wire itself is
 * @bufbuild/protobuf's. Unknown fields are passed over; absent ones have their default. 64-bit numbers are numbers here: one that a
 * number cannot hold is refused.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AbciError } from './error.ts';

export interface Field<V> {
  readonly no: number;
  readonly wireType: WireType;
  initial(): V;
  /** The value after one more occurrence of the field; `before` is what earlier ones gave. */
  read(reader: BinaryReader, before: V): V;
  /** Writes nothing for the default. */
  write(writer: BinaryWriter, value: V): void;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer V> ? V : never;
export type MessageOf<M> = M extends Message<infer T> ? T : never;

export interface Message<T> {
  readonly write: (writer: BinaryWriter, value: Partial<T>) => void;
  readonly decode: (bytes: Uint8Array) => T;
}

const whole = (value: bigint | string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new AbciError('malformed', `${value} is too large a number`);
  return number;
};

const scalar = <V>(
  no: number,
  wireType: WireType,
  initial: () => V,
  isDefault: (value: V) => boolean,
  read: (reader: BinaryReader) => V,
  write: (writer: BinaryWriter, value: V) => unknown,
): Field<V> => ({
  no,
  wireType,
  initial,
  read,
  write: (writer, value) => {
    if (!isDefault(value)) write(writer.tag(no, wireType), value);
  },
});

const { Varint, LengthDelimited } = WireType;

export const bytes = (no: number): Field<Uint8Array> =>
  scalar<Uint8Array>(
    no,
    LengthDelimited,
    () => new Uint8Array(0),
    (value) => value.length === 0,
    (reader) => reader.bytes(),
    (writer, value) => writer.bytes(value),
  );

export const string = (no: number): Field<string> =>
  scalar(
    no,
    LengthDelimited,
    () => '',
    (value) => value === '',
    (reader) => reader.string(),
    (writer, value) => writer.string(value),
  );

/** Enumerations too. */
export const uint32 = (no: number): Field<number> =>
  scalar(
    no,
    Varint,
    () => 0,
    (value) => value === 0,
    (reader) => reader.uint32(),
    (writer, value) => writer.uint32(value),
  );

/** int64 and uint64, which differ for negative numbers alone. */
export const int64 = (no: number): Field<number> =>
  scalar(
    no,
    Varint,
    () => 0,
    (value) => value === 0,
    (reader) => whole(reader.int64()),
    (writer, value) => writer.int64(value),
  );

/** Undefined where it is absent. */
export const nested = <T>(no: number, message: Message<T>): Field<T | undefined> => ({
  no,
  wireType: LengthDelimited,
  initial: () => undefined,
  read: (reader) => message.decode(reader.bytes()),
  write: (writer, value) => {
    if (value === undefined) return;
    writer.tag(no, LengthDelimited).fork();
    message.write(writer, value);
    writer.join();
  },
});

/** Bytes, one after another: empty ones count. */
export const manyBytes = (no: number): Field<readonly Uint8Array[]> => ({
  no,
  wireType: LengthDelimited,
  initial: () => [],
  read: (reader, before) => append(before, reader.bytes()),
  write: (writer, values) => {
    for (const value of values) writer.tag(no, LengthDelimited).bytes(value);
  },
});

export const manyStrings = (no: number): Field<readonly string[]> => ({
  no,
  wireType: LengthDelimited,
  initial: () => [],
  read: (reader, before) => append(before, reader.string()),
  write: (writer, values) => {
    for (const value of values) writer.tag(no, LengthDelimited).string(value);
  },
});

export const manyNested = <T>(no: number, message: Message<T>): Field<readonly Partial<T>[]> => ({
  no,
  wireType: LengthDelimited,
  initial: () => [],
  read: (reader, before) => append(before, message.decode(reader.bytes())),
  write: (writer, values) => {
    for (const value of values) {
      writer.tag(no, LengthDelimited).fork();
      message.write(writer, value);
      writer.join();
    }
  },
});

/** The list that `initial` made for this message alone: it grows in place, so that many values take no square time. */
function append<V>(before: readonly V[], value: V): readonly V[] {
  (before as V[]).push(value);
  return before;
}

export function message<F extends Fields>(fields: F): Message<{ readonly [K in keyof F]: ValueOf<F[K]> }> {
  type T = { readonly [K in keyof F]: ValueOf<F[K]> };
  const entries = Object.entries(fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.no, { name, field }]));
  return {
    write(writer, value) {
      for (const [name, field] of entries) {
        const given = (value as Record<string, unknown>)[name];
        if (given !== undefined) field.write(writer, given);
      }
    },
    decode(encoded) {
      const reader = new BinaryReader(encoded);
      const value = Object.fromEntries(entries.map(([name, field]) => [name, field.initial()]));
      while (reader.pos < reader.len) {
        const [no, wireType] = reader.tag();
        const known = byNumber.get(no);
        if (known === undefined || known.field.wireType !== wireType) reader.skip(wireType, no);
        else value[known.name] = known.field.read(reader, value[known.name]);
      }
      return value as T;
    },
  };
}

/** Throws `malformed`. */
export function decode<T>(type: Message<T>, encoded: Uint8Array): T {
  try {
    return type.decode(encoded);
  } catch (cause) {
    if (cause instanceof AbciError) throw cause;
    throw new AbciError('malformed', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

/** An envelope is a message with one field, which is a message. */
export function encodeEnvelope<T>(no: number, type: Message<T>, value: Partial<T>): Uint8Array {
  const writer = new BinaryWriter().tag(no, LengthDelimited).fork();
  type.write(writer, value);
  return writer.join().finish();
}

/** Throws `malformed`. */
export function openEnvelope(encoded: Uint8Array): { readonly no: number; readonly content: Uint8Array } {
  const faulty = (cause?: unknown): AbciError => new AbciError('malformed', 'no envelope', { cause });
  const reader = new BinaryReader(encoded);
  let opened: { no: number; content: Uint8Array };
  try {
    const [no, wireType] = reader.tag();
    if (wireType !== LengthDelimited) throw faulty();
    opened = { no, content: reader.bytes() };
  } catch (cause) {
    throw faulty(cause);
  }
  if (reader.pos !== reader.len) throw faulty();
  return opened;
}
