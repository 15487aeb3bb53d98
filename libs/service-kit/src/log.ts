/** JSON log lines on pino 10: one line a request, secrets taken out of the fields before they are written. */
import { type Logger, pino } from 'pino';
import { redactFields, redactText } from './redaction.ts';

export interface LogLine {
  (fields: object, message?: string): void;
  (message: string): void;
}

export interface Log {
  debug: LogLine;
  info: LogLine;
  warn: LogLine;
  error: LogLine;
  fatal: LogLine;
  child(fields: Record<string, unknown>): Log;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogDestination {
  write(line: string): void;
}

/** Bytes that are gathered before they are written. */
const gathered = 4_096;
/** How long a line may wait for others. */
const gatheredMs = 50;
/** The level is a line's first member. */
const isUrgent = (line: string): boolean =>
  line.startsWith('"error"', levelAt) || line.startsWith('"fatal"', levelAt);
const levelAt = '{"level":'.length;

/**
 * Writes to standard output's or standard error's descriptor without blocking: several lines at a time, after 50 ms at the
 * latest, errors at once. `close` writes what is still in memory, as does the end of the process, unless a signal kills it.
 * No pino transport: its worker file would be missing from a bundle.
 */
export function logDestination(fileDescriptor: 1 | 2): LogDestination & { close(): Promise<void> } {
  const stream = pino.destination({
    fd: fileDescriptor,
    sync: false,
    minLength: gathered,
    periodicFlush: gatheredMs,
  });
  // Behind a write under way at most `gathered` bytes stay when it ends, in at most two pieces.
  let owed = 0;
  stream.on('drain', () => {
    if (owed === 0) return;
    owed -= 1;
    stream.flush();
  });
  return {
    write(line) {
      stream.write(line);
      if (!isUrgent(line)) return;
      owed = 2;
      stream.flush();
    },
    // Not flushSync: it would overtake a line whose write is under way.
    close: () =>
      new Promise((resolve) => {
        stream.once('close', resolve);
        stream.once('error', () => resolve());
        stream.end();
      }),
  };
}

export function createLog(options: {
  level: LogLevel;
  destination: LogDestination;
  fields?: Record<string, unknown>;
}): Log {
  const log = pino(
    {
      level: options.level,
      base: redactFields(options.fields ?? {}),
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are shaped by the redaction, which also looks into their causes.
      serializers: { err: (error: unknown) => error },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields),
      },
      hooks: {
        logMethod(args, method) {
          method.apply(this, safeArguments(args as unknown[]) as Parameters<typeof method>);
        },
      },
    },
    options.destination,
  );
  // pino drops formatters.bindings for children; they inherit this method instead.
  const { child } = log;
  log.child = function redactedChild(this: typeof log, fields: Record<string, unknown>) {
    return child.call(this, redactFields(fields));
  } as typeof child;
  return log as unknown as Log;
}

export interface LineWriter {
  isOn(): boolean;
  /** `members` of a JSON object, escaped and free of secrets; level, time and the log's own fields are put before them. */
  write(members: string): void;
}

/** A writer of whole lines on the log's destination, past pino; undefined for a log that `createLog` did not make. */
export function lineWriterOf(log: Log, level: LogLevel): LineWriter | undefined {
  const own = log as unknown as Partial<Logger> & Record<symbol, unknown>;
  const stream = own[pino.symbols.streamSym] as LogDestination | undefined;
  if (!stream || !own.isLevelEnabled) return undefined;
  // `,"service":"…"`: the fields of a log and of those above it, as pino writes them.
  const fields = own[pino.symbols.chindingsSym] as string;
  let lastMs = 0;
  let time = '';
  return {
    isOn: () => own.isLevelEnabled?.(level) ?? false,
    write(members) {
      const nowMs = Date.now();
      if (nowMs !== lastMs) {
        lastMs = nowMs;
        time = new Date(nowMs).toISOString();
      }
      stream.write(`{"level":"${level}","time":"${time}"${fields},${members}}\n`);
    },
  };
}

/** Without a message of ours pino would take the error's as it is. */
function safeArguments(given: readonly unknown[]): unknown[] {
  const [first, ...rest] = given.map((each) => (typeof each === 'string' ? redactText(each) : each));
  if (rest.length > 0 || typeof first !== 'object' || first === null) return [first, ...rest];
  const error = first instanceof Error ? first : (first as { err?: unknown }).err;
  return error instanceof Error ? [first, redactText(error.message)] : [first];
}

const nothing: LogLine = () => {};
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silentLog,
};
