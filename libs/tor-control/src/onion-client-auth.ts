/** Keys by which this Tor is let into onion services of others (control-spec sections 3.30 to 3.32). */
import { type ControlConnection, refusal } from './control-connection.ts';
import { assertServiceId, isServiceId } from './onion-address.ts';
import { parseWords } from './reply-values.ts';

export interface OnionClientKey {
  readonly serviceId: string;
  /** X25519, base64 of 32 bytes. */
  readonly privateKey: string;
}

export interface HeldClientKey extends OnionClientKey {
  /** Of a file in Tor's `ClientOnionAuthDir`: it stays over Tor's end. */
  readonly isPermanent: boolean;
}

const ADDED = [250, 251, 252];
const REMOVED = 250;
const NONE_THERE = 251;

export const onionClientAuth = (connection: ControlConnection) => ({
  async addClientKey({ serviceId, privateKey }: OnionClientKey): Promise<void> {
    assertServiceId(serviceId);
    if (!/^[A-Za-z0-9+/]{43}=$/.test(privateKey)) throw new TypeError('a client key is base64 of 32 bytes');
    const reply = await connection.send(`ONION_CLIENT_AUTH_ADD ${serviceId} x25519:${privateKey}`);
    if (!ADDED.includes(reply.status)) throw refusal(reply);
  },
  async removeClientKey(serviceId: string): Promise<boolean> {
    assertServiceId(serviceId);
    const reply = await connection.send(`ONION_CLIENT_AUTH_REMOVE ${serviceId}`);
    if (reply.status !== REMOVED && reply.status !== NONE_THERE) throw refusal(reply);
    return reply.status === REMOVED;
  },
  async clientKeys(): Promise<readonly HeldClientKey[]> {
    const { lines } = await connection.command('ONION_CLIENT_AUTH_VIEW');
    return lines.flatMap(({ text }) => {
      const [, serviceId = '', privateKey = '', rest = ''] =
        /^CLIENT ([a-z2-7]+) x25519:([A-Za-z0-9+/=]+)(.*)$/.exec(text) ?? [];
      const flags = parseWords(rest).values.get('Flags') ?? '';
      const isPermanent = flags.split(',').includes('Permanent');
      return isServiceId(serviceId) ? [{ serviceId, privateKey, isPermanent }] : [];
    });
  },
});
