/** Onion services, as they are asked for: the registry and the keys are changed, then Tor. */
import type { CreateOnion, InputOf, Onion, tunnelToolsContract } from '@lucid/contracts';
import { type ClientKeyPair, createClientKeyPair, isClientPublicKey } from '@lucid/tor-control';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import type { KeyFiles } from '../store/key-files.ts';
import type { OnionEntry, Registry } from '../store/registry.ts';
import type { RegistryFile } from '../store/registry-file.ts';
import { type Publisher, serviceIdOfAddress } from './publisher.ts';
import type { Targets } from './targets.ts';

type OnionView = Static<typeof Onion>;
type AddClientBody = InputOf<(typeof tunnelToolsContract)['operations']['addClient']>['body'];

export interface IssuedClient {
  readonly client: string;
  readonly publicKey: string;
  readonly privateKey?: string;
  readonly credential?: string;
}

const MOST_ONIONS = 32;
const MOST_CLIENTS = 16;
const MOST_PREVIOUS = 16;

export interface OnionsOptions {
  readonly registry: RegistryFile;
  readonly keys: KeyFiles;
  readonly targets: Targets;
  readonly publisher: Publisher;
  readonly nowSeconds: () => number;
}

export class Onions {
  readonly #options: OnionsOptions;

  constructor(options: OnionsOptions) {
    this.#options = options;
  }

  async list(): Promise<OnionView[]> {
    await this.#options.publisher.look();
    const { onions } = await this.#options.registry.load();
    return Object.entries(onions)
      .map(([name, entry]) => this.#view(name, entry))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** @throws ProblemError onion_unknown */
  async find(name: string): Promise<OnionView> {
    const entry = await this.entry(name);
    await this.#options.publisher.look();
    return this.#view(name, entry);
  }

  async entry(name: string): Promise<OnionEntry> {
    return entryOf(await this.#options.registry.load(), name);
  }

  async create(body: Static<typeof CreateOnion>): Promise<{ onion: OnionView; clients: IssuedClient[] }> {
    const { registry, keys, targets, nowSeconds } = this.#options;
    for (const { service } of body.ports) targets.assertPublishable(service);
    assertOnce(body.ports.map(({ port }) => port));
    assertNew(await registry.load(), body.name);
    const now = nowSeconds();
    const issued = (body.clients ?? []).map((client) => ({ client, pair: createClientKeyPair() }));
    const { serviceId } = await keys.createOnionKey();
    const address = `${serviceId}.onion`;
    const clients = issued.map(({ client, pair }) => [client, { publicKey: pair.publicKey, addedAt: now }]);
    const entry: OnionEntry = {
      address,
      ports: body.ports,
      restricted: body.clients !== undefined,
      clients: Object.fromEntries(clients),
      createdAt: now,
      changedAt: now,
      previous: [],
    };
    await this.#commit(serviceId, (draft) => {
      assertNew(draft, body.name);
      draft.onions[body.name] = entry;
    });
    const onion = await this.#published(body.name);
    return { onion, clients: issued.map(({ client, pair }) => issuedClient(address, client, pair)) };
  }

  /** Makes what is missing; leaves alone what is there. */
  async ensure(body: Static<typeof CreateOnion>): Promise<void> {
    const { onions } = await this.#options.registry.load();
    if (!Object.hasOwn(onions, body.name)) await this.create(body);
  }

  async rotate(name: string): Promise<OnionView> {
    const { keys, nowSeconds } = this.#options;
    await this.entry(name);
    const { serviceId } = await keys.createOnionKey();
    await this.#commit(serviceId, (draft) => {
      const entry = entryOf(draft, name);
      const now = nowSeconds();
      draft.retired.push(entry.address);
      entry.previous = [{ address: entry.address, until: now }, ...entry.previous].slice(0, MOST_PREVIOUS);
      entry.address = `${serviceId}.onion`;
      entry.changedAt = now;
    });
    return this.#published(name);
  }

  async remove(name: string): Promise<void> {
    const { registry, keys, publisher } = this.#options;
    let address = '';
    await registry.change((draft) => {
      ({ address } = entryOf(draft, name));
      draft.retired.push(address);
      delete draft.onions[name];
    });
    // Tor needs no key to take it down, so that it is gone although Tor is away.
    await keys.destroyOnionKey(serviceIdOfAddress(address));
    await publisher.tryPublish();
  }

  async addClient(name: string, body: AddClientBody): Promise<IssuedClient> {
    const { registry, publisher, nowSeconds } = this.#options;
    const given = body.publicKey?.toLowerCase();
    if (given !== undefined && !isClientPublicKey(given))
      throw problem('invalid_request', { detail: 'publicKey must be 32 bytes in base32.' });
    const pair: Pick<ClientKeyPair, 'publicKey'> & Partial<ClientKeyPair> =
      given === undefined ? createClientKeyPair() : { publicKey: given };
    const { onions } = await registry.change((draft) => {
      const { clients, ...entry } = entryOf(draft, name);
      const known = Object.values(clients).some(({ publicKey }) => publicKey === pair.publicKey);
      if (Object.hasOwn(clients, body.client) || known) throw problem('client_exists');
      if (Object.keys(clients).length >= MOST_CLIENTS)
        throw problem('limit_reached', { detail: `An onion service lets in ${MOST_CLIENTS} at most.` });
      clients[body.client] = { publicKey: pair.publicKey, addedAt: nowSeconds() };
      draft.onions[name] = { ...entry, clients, restricted: true, changedAt: nowSeconds() };
    });
    await publisher.tryPublish();
    return issuedClient(onions[name]?.address ?? '', body.client, pair);
  }

  async removeClient(name: string, client: string): Promise<void> {
    const { registry, publisher, nowSeconds } = this.#options;
    await registry.change((draft) => {
      const entry = entryOf(draft, name);
      if (!Object.hasOwn(entry.clients, client)) throw problem('client_unknown');
      delete entry.clients[client];
      entry.changedAt = nowSeconds();
    });
    await publisher.tryPublish();
  }

  /** A new key is of use only with the change; where that fails it goes again. */
  async #commit(serviceId: string, edit: (draft: Registry) => void): Promise<void> {
    const { registry, keys } = this.#options;
    try {
      await registry.change(edit);
    } catch (error) {
      const stands = await registry.load().then(
        ({ onions }) =>
          Object.values(onions).some(({ address }) => serviceIdOfAddress(address) === serviceId),
        () => true,
      );
      if (!stands) await keys.destroyOnionKey(serviceId);
      throw error;
    }
  }

  async #published(name: string): Promise<OnionView> {
    await this.#options.publisher.tryPublish();
    return this.find(name);
  }

  #view(name: string, entry: OnionEntry): OnionView {
    const { clients, ...rest } = entry;
    return {
      name,
      ...rest,
      clients: Object.keys(clients),
      ...this.#options.publisher.observed(entry.address),
    };
  }
}

function entryOf({ onions }: Registry, name: string): OnionEntry {
  const entry = Object.hasOwn(onions, name) ? onions[name] : undefined;
  if (!entry) throw problem('onion_unknown');
  return entry;
}

function assertNew({ onions }: Registry, name: string): void {
  if (Object.hasOwn(onions, name)) throw problem('onion_exists');
  if (Object.keys(onions).length >= MOST_ONIONS)
    throw problem('limit_reached', { detail: `There are ${MOST_ONIONS} onion services at most.` });
}

function assertOnce(ports: readonly number[]): void {
  if (new Set(ports).size === ports.length) return;
  throw problem('invalid_request', {
    extensions: { faults: [{ pointer: '/body/ports', expected: 'each port once' }] },
  });
}

const issuedClient = (
  address: string,
  client: string,
  { publicKey, privateKey }: Pick<ClientKeyPair, 'publicKey'> & Partial<ClientKeyPair>,
): IssuedClient => ({
  client,
  publicKey,
  ...(privateKey === undefined
    ? {}
    : {
        privateKey,
        credential: `${serviceIdOfAddress(address)}:descriptor:x25519:${privateKey.toUpperCase()}`,
      }),
});
