/** What commands have in common that are a host until a signal ends them. */
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { toCliError } from '../cli/to-cli-error.ts';

/** System calls that fail where the address or the port is what is wrong. */
const LISTENING: readonly string[] = ['listen', 'bind', 'getaddrinfo'];

/** Why a host did not start; `optionOf` names the option that says a port, `port` is the one where the system names none. */
export function startFault(
  error: unknown,
  { host, port: usual, optionOf }: { host: string; port: number; optionOf: (port: number) => string },
): unknown {
  const { code, syscall = '', port = usual } = error as NodeJS.ErrnoException & { port?: number };
  if (!LISTENING.includes(syscall)) return toCliError(error);
  const place = `${host}:${port}`;
  const option = optionOf(port);
  if (code === 'EADDRINUSE')
    return new CliError(
      'port_busy',
      `${place} is used by another program. Stop it, or choose another with ${option}.`,
      { cause: error },
    );
  return new CliError(
    'port_busy',
    `${place} cannot be listened on: ${plainReason(error)}. Choose another with --host and ${option}.`,
    { cause: error },
  );
}

export interface Stopping {
  readonly reason: Promise<NodeJS.Signals | Error>;
  fail(error: unknown): void;
}

/** The first of: a signal, a fault that the host cannot go on with. */
export function awaitStop(process: NodeJS.Process): Stopping {
  let settle: (reason: NodeJS.Signals | Error) => void = () => {};
  const reason = new Promise<NodeJS.Signals | Error>((resolve) => {
    settle = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, settle);
  return { reason, fail: (error) => settle(error instanceof Error ? error : new Error(String(error))) };
}

/** NaN is what the command line makes of anything but digits. Throws CliError usage. */
export function judgePort(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new CliError('usage', `${option} must be a whole number from 0 to 65535`);
}
