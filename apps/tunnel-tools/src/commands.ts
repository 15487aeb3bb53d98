/** One-shot commands in the image: `node /app/main.mjs onion list`. */
import { readFile } from 'node:fs/promises';
import { tunnelToolsContract } from '@lucid/contracts';
import { commandsOf, UsageError } from '@lucid/service-kit';

const command = commandsOf(tunnelToolsContract);

const portNumber = (text: string, what: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65_535)
    throw new UsageError(`${what} must be a port, 1 to 65535`);
  return Number(text);
};

/** `80=api-gateway` */
function onionPort(text: string) {
  const [, port, service] = /^([^=]+)=([a-z][a-z0-9-]*)$/.exec(text) ?? [];
  if (port === undefined || service === undefined)
    throw new UsageError(`--port must be PORT=SERVICE, 80=api-gateway for example`);
  return { port: portNumber(port, 'what stands before = in --port'), service };
}

const onionCommands = {
  'onion create': command({
    usage: 'NAME --port PORT=SERVICE… [--client NAME]…',
    summary: 'makes an onion service; with clients, only they are let in, by keys that are shown this once',
    options: { port: { type: 'string', multiple: true }, client: { type: 'string', multiple: true } },
    positionals: 1,
    run: ({ positionals: [name = ''], values: { port = [], client: clients } }, { client }) => {
      if (port.length === 0) throw new UsageError('--port is missing: which service is to be published?');
      return client.createOnion({
        body: { name, ports: port.map(onionPort), ...(clients ? { clients } : {}) },
      });
    },
  }),
  'onion list': command({
    summary: 'every onion service',
    run: (_given, { client }) => client.listOnions(),
  }),
  'onion status': command({
    usage: 'NAME',
    summary: 'one onion service; exits with 3 where it does not run',
    positionals: 1,
    run: ({ positionals: [name = ''] }, { client }) => client.getOnion({ params: { name } }),
    succeeded: ({ state }) => state === 'running',
  }),
  'onion rotate': command({
    usage: 'NAME',
    summary: 'gives it a new address and takes the old one down for good',
    positionals: 1,
    run: ({ positionals: [name = ''] }, { client }) => client.rotateOnion({ params: { name } }),
  }),
  'onion verify': command({
    usage: 'NAME [--wait SECONDS]',
    summary: 'visits it through Tor; exits with 3 where it is not reached',
    options: { wait: { type: 'string', default: '0' } },
    positionals: 1,
    run: ({ positionals: [name = ''], values: { wait } }, { client }) => {
      if (!/^\d{1,3}$/.test(wait) || Number(wait) > 120)
        throw new UsageError('--wait must be 0 to 120 seconds');
      return client.verifyOnion({ params: { name }, body: { waitSeconds: Number(wait) } });
    },
    succeeded: ({ ok }) => ok,
  }),
  'onion remove': command({
    usage: 'NAME',
    summary: 'takes it down for good: its key is destroyed',
    positionals: 1,
    run: ({ positionals: [name = ''] }, { client }) => client.removeOnion({ params: { name } }),
  }),
};

const clientCommands = {
  'client add': command({
    usage: 'ONION NAME [--public-key KEY]',
    summary: 'lets somebody in; a private key that is made here is shown this once',
    options: { 'public-key': { type: 'string' } },
    positionals: 2,
    run: ({ positionals: [name = '', added = ''], values: { 'public-key': publicKey } }, { client }) =>
      client.addClient({ params: { name }, body: { client: added, ...(publicKey ? { publicKey } : {}) } }),
  }),
  'client list': command({
    usage: 'ONION',
    summary: 'who is let in',
    positionals: 1,
    run: ({ positionals: [name = ''] }, { client }) => client.listClients({ params: { name } }),
  }),
  'client revoke': command({
    usage: 'ONION NAME',
    summary: 'lets somebody in no longer',
    positionals: 2,
    run: ({ positionals: [name = '', revoked = ''] }, { client }) =>
      client.removeClient({ params: { name, client: revoked } }),
  }),
};

const tunnelCommands = {
  'tunnel open': command({
    usage: 'NAME ADDRESS.onion:PORT [--client-key-file PATH]',
    summary: 'opens a port here that leads to a port of an onion service',
    options: { 'client-key-file': { type: 'string' } },
    positionals: 2,
    run: async (
      { positionals: [name = '', place = ''], values: { 'client-key-file': path } },
      { client },
    ) => {
      const [, address, port] = /^([a-z2-7]{56}\.onion):(\d+)$/.exec(place) ?? [];
      if (address === undefined || port === undefined)
        throw new UsageError('the target must be ADDRESS.onion:PORT');
      const clientKey = path === undefined ? undefined : await keyOf(path);
      const target = { address, port: portNumber(port, 'what stands behind the address') };
      return client.openTunnel({ body: { name, ...target, ...(clientKey ? { clientKey } : {}) } });
    },
  }),
  'tunnel list': command({
    summary: 'every tunnel',
    run: (_given, { client }) => client.listTunnels(),
  }),
  'tunnel close': command({
    usage: 'NAME',
    summary: 'closes a tunnel and what runs through it',
    positionals: 1,
    run: ({ positionals: [name = ''] }, { client }) => client.closeTunnel({ params: { name } }),
  }),
};

/** A key alone, or the line of a `.auth_private` file. */
async function keyOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--client-key-file cannot be read (${error.code})`);
  });
  const key = /(?:^|:x25519:)([A-Za-z2-7]{52})\s*$/.exec(text)?.[1];
  if (key === undefined) throw new UsageError('--client-key-file holds no X25519 key in base32');
  return key;
}

export const commands = {
  ...onionCommands,
  ...clientCommands,
  ...tunnelCommands,
  'tor status': command({
    summary: 'how far Tor has joined its network; exits with 3 where it does not answer',
    run: (_given, { client }) => client.getTorStatus(),
    succeeded: ({ tor }) => tor.answers,
  }),
  'tor renew': command({
    summary: 'new circuits for whatever is asked from now on',
    run: (_given, { client }) => client.renewCircuits(),
  }),
};
