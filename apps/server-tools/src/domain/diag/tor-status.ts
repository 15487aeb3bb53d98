/** What Tor's control port says of itself (control-spec). */
import type { Socket } from 'node:net';

export interface ProtocolInfo {
  readonly version: string;
  readonly methods: readonly string[];
}
export interface Bootstrap {
  readonly progress: number;
  readonly summary: string;
}
export declare function protocolInfoOf(socket: Socket, signal: AbortSignal): Promise<ProtocolInfo>;
export declare function bootstrapOf(
  socket: Socket,
  password: string,
  signal: AbortSignal,
): Promise<Bootstrap>;
