/** JSON log lines on pino 10: one line a request, secrets taken out of the fields before they are written. */
import { pino } from 'pino';
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

/**
 * Writes to standard error's or standard output's descriptor without blocking; lines still in memory are written at
 * exit. No pino transport: its worker file would be missing from a bundle.
 */
export const logDestination = (fileDescriptor: 1 | 2): LogDestination & { flushSync(): void } =>
  pino.destination({ fd: fileDescriptor, sync: false, minLength: 0 });

export function createLog(options: {
  level: LogLevel;
  destination: LogDestination;
  fields?: Record<string, unknown>;
}): Log {
  return pino(
    {
      level: options.level,
      base: options.fields ?? {},
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are shaped by the redaction, which also looks into their causes.
      serializers: { err: (error: unknown) => error },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields),
        bindings: (fields) => redactFields(fields),
      },
      hooks: {
        logMethod(args, method) {
          const safe = args.map((each) => (typeof each === 'string' ? redactText(each) : each));
          method.apply(this, safe as Parameters<typeof method>);
        },
      },
    },
    options.destination,
  ) as unknown as Log;
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
