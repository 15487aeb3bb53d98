/** Tor's control port as functions. */
import { authenticate, type ControlCredentials } from './authentication.ts';
import { type ConnectionOptions, ControlConnection, refusal } from './control-connection.ts';
import { TorControlError } from './control-error.ts';
import { assertServiceId } from './onion-address.ts';
import { type HeldClientKey, type OnionClientKey, onionClientAuth } from './onion-client-auth.ts';
import { type AddedOnion, addedOnion, addOnionCommand, type NewOnion } from './onion-commands.ts';
import type { Reply } from './reply-parser.ts';
import { assertOneLine, keyValues, parseWords, type Words } from './reply-values.ts';

export interface TorControlOptions extends ConnectionOptions {
  readonly credentials: ControlCredentials;
}

export interface BootstrapPhase {
  /** 0 to 100. */
  readonly progress: number;
  readonly tag: string;
  readonly summary: string;
}

export interface Circuit {
  readonly id: string;
  /** `BUILT`, `EXTENDED`, … */
  readonly state: string;
  readonly purpose: string | undefined;
  /** User name that a SOCKS client gave, where the circuit is that client's alone. */
  readonly socksUser: string | undefined;
}

/** `650 HS_DESC …`: what became of a descriptor. */
export interface DescriptorEvent {
  /** `REQUESTED`, `RECEIVED`, `FAILED`, `CREATED`, `UPLOAD`, `UPLOADED`, `IGNORE` */
  readonly action: string;
  readonly serviceId: string;
  readonly reason: string | undefined;
}

export interface TorControl {
  readonly isOpen: boolean;
  /** Resolves to why the connection ended. */
  readonly closed: Promise<Error>;
  /** @throws TorControlError refused (550: a service of this key is there already) */
  addOnion(onion: NewOnion): Promise<AddedOnion>;
  /** Resolves to whether it was there. */
  removeOnion(serviceId: string): Promise<boolean>;
  /** Services that outlive the connection that made them. */
  detachedOnions(): Promise<readonly string[]>;
  /** Makes Tor present a key to an onion service, until Tor ends. */
  addClientKey(key: OnionClientKey): Promise<void>;
  /** Resolves to whether there was one. */
  removeClientKey(serviceId: string): Promise<boolean>;
  clientKeys(): Promise<readonly HeldClientKey[]>;
  /** Asks for a descriptor anew; what becomes of it is told by events. */
  fetchDescriptor(serviceId: string): Promise<void>;
  /** Events from now on. @returns a function that ends it for this listener */
  onDescriptor(listener: (event: DescriptorEvent) => void): Promise<() => void>;
  bootstrapPhase(): Promise<BootstrapPhase>;
  circuits(): Promise<readonly Circuit[]>;
  /** @throws TorControlError refused where Tor does not know the keyword */
  info(keyword: string): Promise<string>;
  /** New circuits for whatever is asked from now on; Tor does it at most once in 10 s. */
  newIdentity(): Promise<void>;
  close(): Promise<void>;
}

/** @throws TorControlError unreachable, auth_refused, timed_out, protocol or closed; or the signal's reason */
export async function openTorControl(options: TorControlOptions): Promise<TorControl> {
  const connection = await ControlConnection.open(options);
  try {
    await authenticate(connection, options.credentials);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return controlOver(connection);
}

function controlOver(connection: ControlConnection): TorControl {
  const info = async (keyword: string): Promise<string> => {
    assertOneLine(keyword);
    const value = keyValues(await connection.command(`GETINFO ${keyword}`)).get(keyword);
    if (value === undefined) throw new TorControlError('protocol');
    return value;
  };
  const linesOf = async (keyword: string) => (await info(keyword)).split('\n').filter((each) => each !== '');
  return {
    get isOpen() {
      return connection.isOpen;
    },
    closed: connection.closed,
    addOnion: async (onion) => addedOnion(await connection.command(addOnionCommand(onion))),
    async removeOnion(serviceId) {
      assertServiceId(serviceId);
      return wasThere(await connection.send(`DEL_ONION ${serviceId}`), 552);
    },
    detachedOnions: () => linesOf('onions/detached'),
    ...onionClientAuth(connection),
    async fetchDescriptor(serviceId) {
      assertServiceId(serviceId);
      await connection.command(`HSFETCH ${serviceId}`);
    },
    async onDescriptor(listener) {
      const end = connection.onEvent((event) => {
        const heard = descriptorEvent(event);
        if (heard) listener(heard);
      });
      await connection.command('SETEVENTS HS_DESC');
      return end;
    },
    async bootstrapPhase() {
      const { values } = parseWords(await info('status/bootstrap-phase'));
      const progress = Number(values.get('PROGRESS'));
      if (!Number.isInteger(progress)) throw new TorControlError('protocol');
      return { progress, tag: values.get('TAG') ?? '', summary: values.get('SUMMARY') ?? '' };
    },
    circuits: async () => (await linesOf('circuit-status')).map((line) => circuitOf(parseWords(line))),
    info,
    newIdentity: async () => void (await connection.command('SIGNAL NEWNYM')),
    close: () => connection.close(),
  };
}

function wasThere(reply: Reply, absent: number): boolean {
  if (reply.status === 250) return true;
  if (reply.status === absent) return false;
  throw refusal(reply);
}

const circuitOf = ({ words: [id = '', state = ''], values }: Words): Circuit => ({
  id,
  state,
  purpose: values.get('PURPOSE'),
  socksUser: values.get('SOCKS_USERNAME'),
});

function descriptorEvent({ lines }: Reply): DescriptorEvent | undefined {
  const text = lines[0]?.text ?? '';
  if (!text.startsWith('HS_DESC ')) return undefined;
  const { words, values } = parseWords(text);
  const [, action = '', serviceId = ''] = words;
  return { action, serviceId, reason: values.get('REASON') };
}
