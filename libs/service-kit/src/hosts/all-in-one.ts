/**
 * Host 2: every service in one process.
 *
 * `sockets`: each service is its own Fastify instance on a Unix socket in a private folder, so that other processes of
 * the same user reach it too. `local`: the typed client dispatches straight to the service; neither Fastify nor undici
 * is loaded, for commands that start, work and end.
 */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListenPlace } from './listen.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

export type AllInOneOptions = StackOptions &
  (
    | { readonly transport: 'local' }
    | {
        readonly transport: 'sockets';
        /** Made and kept at mode 0700. */
        readonly socketDir: string;
        /** Services call each other inside the process; the sockets serve other processes. */
        readonly callsStayInside?: boolean;
        /** Services that listen on a port instead. */
        readonly listen?: Readonly<Record<string, { host: string; port: number }>>;
      }
  );

export const socketPathOf = (socketDir: string, service: string): string =>
  join(socketDir, `${service}.sock`);

/** @throws ConfigError, or an Error with a code where a socket cannot be had; nothing stays open then */
export async function startAllInOne(options: AllInOneOptions): Promise<Stack> {
  if (options.transport === 'local') return startStack(options);
  const { socketDir } = options;
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  await chmod(socketDir, 0o700);
  const placeOf = (service: string): ListenPlace =>
    options.listen?.[service] ?? { socketPath: socketPathOf(socketDir, service) };
  return startStack({ ...options, placeOf });
}
