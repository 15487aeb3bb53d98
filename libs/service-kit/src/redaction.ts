/**
 * What never reaches a log line: values of fields whose name says they are secret, at any depth, and texts that look
 * like one of our own credentials wherever they stand.
 */
const secretName =
  /authorization|cookie|key|secret|token|identity|passphrase|password|mnemonic|seed|totp|recovery_?code|invitation/i;
const publicName = /^(?:public_?key(?:hex|id)?|key_?id)$/i;
const secretText =
  /\botpauth:\/\/\S+|\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]{10,}|AGE-SECRET-KEY-1[0-9A-Z]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
export const redacted = '[redacted]';
const deepest = 6;
const widest = 64;

export const redactText = (text: string): string => text.replace(secretText, redacted);

interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: unknown;
}

function errorFields(error: Error, depth: number): ErrorFields {
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack ? { stack: redactText(error.stack) } : {}),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

/** A copy of a log line's fields without secrets; bytes become their length, deep or long structures are cut. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  if (depth >= deepest) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, widest).map((each) => redact(each, depth + 1));
  return redactFields(value as Record<string, unknown>, depth);
}

export function redactFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, widest)) {
    const hide = secretName.test(name) && !publicName.test(name) && value !== undefined && value !== null;
    copy[name] = hide ? redacted : redact(value, depth + 1);
  }
  return copy;
}
