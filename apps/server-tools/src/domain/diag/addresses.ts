/** From names to addresses that may be connected to; the address that was judged is the one that is used. */
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { subnetOf } from '@lucid/topology';
import { sharedNetworks, type Target } from './installation.ts';
import { OutsideError } from './network-fault.ts';
import type { Resolve } from './resolve-name.ts';

const inside = new BlockList();
for (const network of sharedNetworks) {
  const [address = '', bits = ''] = subnetOf(network).split('/');
  inside.addSubnet(address, Number(bits), 'ipv4');
}

/** How a name is asked for, and until when. */
export interface Asking {
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

/** @throws OutsideError; what resolving throws */
export async function addressesOf(
  { host, isNamed }: Target,
  { resolve, signal }: Asking,
): Promise<readonly string[]> {
  const found = await resolve(host, signal);
  if (isNamed && !found.every((address) => isIP(address) === 4 && inside.check(address, 'ipv4')))
    throw new OutsideError(`${host} leads outside`);
  return found;
}

/** A connection to one of its addresses; its owner destroys it. */
export async function connectTo(target: Target, port: number, asking: Asking): Promise<Socket> {
  const { signal } = asking;
  const [address] = await addressesOf(target, asking);
  signal.throwIfAborted();
  return new Promise((done, reject) => {
    const socket = connect({ host: address, port });
    const stop = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // Its owner hears of nothing but its data and its end.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => signal.removeEventListener('abort', stop));
      done(socket);
    });
  });
}
