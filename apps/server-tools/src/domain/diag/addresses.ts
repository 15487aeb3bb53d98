/** From names to addresses that may be connected to; the address that was judged is the one that is used. */
import { lookup } from 'node:dns/promises';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { subnetOf } from '@lucid/topology';
import { sharedNetworks, type Target } from './installation.ts';
import { OutsideError } from './network-fault.ts';

const inside = new BlockList();
for (const network of sharedNetworks) {
  const [address = '', bits = ''] = subnetOf(network).split('/');
  inside.addSubnet(address, Number(bits), 'ipv4');
}

/** Addresses of a name; may be replaced in tests. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export const resolveName: Resolve = async (name) => {
  if (isIP(name) !== 0) return [name];
  return (await lookup(name, { all: true })).map(({ address }) => address);
};

/** @throws OutsideError; what resolving throws */
export async function addressesOf({ host, isNamed }: Target, resolve: Resolve): Promise<readonly string[]> {
  const found = await resolve(host);
  if (isNamed && !found.every((address) => isIP(address) === 4 && inside.check(address, 'ipv4')))
    throw new OutsideError(`${host} leads outside`);
  return found;
}

/** A connection to one of its addresses; its owner destroys it. */
export async function connectTo(
  target: Target,
  port: number,
  { resolve, signal }: { readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<Socket> {
  const [address] = await addressesOf(target, resolve);
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
