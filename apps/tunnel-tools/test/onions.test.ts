import { statSync } from 'node:fs';
import { join } from 'node:path';
import { base32ToBytes, createClientKeyPair, isServiceId } from '@lucid/tor-control';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { startLoneTor, type TestTor, whyNoTor } from '../../../tools/test-tor.mjs';
import { fileIdOf } from '../src/store/key-files.ts';
import { problemOf, until, World } from './world.ts';

const gateway = [{ port: 80, service: 'api-gateway' }];
const idOf = (address: string) => address.replace('.onion', '');

describeWhere(whyNoTor(), 'onion services')('onion services', () => {
  let tor: TestTor & { dispose(): Promise<void> };
  let world: World;
  beforeAll(async () => {
    tor = await startLoneTor();
  });
  afterAll(() => tor?.dispose());
  beforeEach(() => {
    world = new World(tor);
  });
  afterEach(() => world.dispose());

  it('are made, told, given a new address and taken down', async () => {
    const { client, stack } = await world.start();
    const { onion, clients } = await client.createOnion({ body: { name: 'site', ports: gateway } });
    expect(clients).toEqual([]);
    expect(onion).toMatchObject({
      name: 'site',
      state: 'running',
      ports: gateway,
      restricted: false,
      previous: [],
    });
    expect(isServiceId(idOf(onion.address))).toBe(true);
    expect(await world.held()).toEqual([idOf(onion.address)]);
    expect(await client.getOnion({ params: { name: 'site' } })).toEqual(onion);
    expect(await client.listOnions()).toEqual({ onions: [onion] });

    const rotated = await client.rotateOnion({ params: { name: 'site' } });
    expect(rotated.address).not.toBe(onion.address);
    expect(rotated.previous).toEqual([{ address: onion.address, until: expect.any(Number) }]);
    expect(await world.held()).toEqual([idOf(rotated.address)]);
    expect(world.names('keys')).toEqual([`${fileIdOf(idOf(rotated.address))}.key`]);
    expect(world.names('applied')).toEqual([fileIdOf(idOf(rotated.address))]);

    await client.removeOnion({ params: { name: 'site' } });
    const logged = JSON.stringify(stack.logLines);
    for (const { address } of [onion, rotated]) expect(logged).not.toContain(idOf(address));
    expect(await world.held()).toEqual([]);
    expect([...world.names('keys'), ...world.names('applied')]).toEqual([]);
    expect(await client.listOnions()).toEqual({ onions: [] });
    for (const work of [
      client.getOnion({ params: { name: 'site' } }),
      client.rotateOnion({ params: { name: 'site' } }),
      client.removeOnion({ params: { name: 'site' } }),
      client.verifyOnion({ params: { name: 'site' }, body: { waitSeconds: 0 } }),
      client.listClients({ params: { name: 'constructor' } }),
      client.addClient({ params: { name: 'site' }, body: { client: 'a' } }),
      client.removeClient({ params: { name: 'site', client: 'a' } }),
    ])
      expect((await problemOf(work)).code).toBe('onion_unknown');
  });

  it('lie in files that only their owner reads', async () => {
    const { client } = await world.start();
    await client.createOnion({ body: { name: 'site', ports: gateway } });
    for (const name of ['.', 'keys', 'versions', 'applied'])
      expect([name, statSync(join(world.folder, name)).mode & 0o777]).toEqual([name, 0o700]);
    for (const name of ['onion-registry.json', ...world.names('keys').map((each) => `keys/${each}`)])
      expect([name, statSync(join(world.folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it.each([
    ['mongodb', 'mongodb is never published.'],
    ['redis', 'redis is never published.'],
    ['tor-proxy', 'tor-proxy is never published.'],
    ['tunnel-tools', 'tunnel-tools is never published.'],
    ['session-encryptor', 'session-encryptor may not be published; these may: api-gateway'],
    ['openapi-gateway', 'openapi-gateway may not be published'],
    ['elsewhere', 'elsewhere may not be published'],
  ])('do not publish %s', async (service, sentence) => {
    const { client } = await world.start();
    const work = client.createOnion({ body: { name: 'site', ports: [...gateway, { port: 81, service }] } });
    const { code, detail } = await problemOf(work);
    expect([code, detail]).toEqual(['target_refused', expect.stringContaining(sentence)]);
    expect([...world.names('keys'), ...(await world.held())]).toEqual([]);
  });

  it('publish what the settings add, and never what nothing may add', async () => {
    const { client } = await world.start({
      environment: { TUNNEL_MAY_PUBLISH: 'api-server, openapi-gateway' },
    });
    const ports = [
      { port: 80, service: 'api-server' },
      { port: 81, service: 'openapi-gateway' },
    ];
    expect((await client.createOnion({ body: { name: 'site', ports } })).onion.state).toBe('running');
    for (const bad of ['mongodb', 'api-server,redis', 'nothing'])
      await expect(world.start({ environment: { TUNNEL_MAY_PUBLISH: bad } })).rejects.toThrow(
        'TUNNEL_MAY_PUBLISH',
      );
  });

  it('have a name and ports of their own', async () => {
    const { client } = await world.start();
    await client.createOnion({ body: { name: 'site', ports: gateway } });
    expect((await problemOf(client.createOnion({ body: { name: 'site', ports: gateway } }))).code).toBe(
      'onion_exists',
    );
    for (const body of [
      { name: 'two', ports: [...gateway, ...gateway] },
      { name: 'two', ports: [] },
      { name: 'Two', ports: gateway },
      { name: '../two', ports: gateway },
      { name: 'two', ports: [{ port: 0, service: 'api-gateway' }] },
      { name: 'two', ports: gateway, clients: [] },
      { name: 'two', ports: gateway, clients: ['a', 'a'] },
    ])
      expect([body, (await problemOf(client.createOnion({ body }))).code]).toEqual([body, 'invalid_request']);
  });

  it('are bounded in number', async () => {
    const { client } = await world.start();
    for (let at = 0; at < 32; at++)
      await client.createOnion({ body: { name: `site-${at}`, ports: gateway } });
    expect((await problemOf(client.createOnion({ body: { name: 'more', ports: gateway } }))).code).toBe(
      'limit_reached',
    );
    expect(await world.held()).toHaveLength(32);
  });

  describe('for some', () => {
    it('show each key once, and keep none of them', async () => {
      const { client, stack } = await world.start();
      const made = await client.createOnion({
        body: { name: 'club', ports: gateway, clients: ['ann', 'bob'] },
      });
      expect(made.onion).toMatchObject({ restricted: true, clients: ['ann', 'bob'] });
      const [ann, bob] = made.clients;
      expect(ann?.credential).toBe(
        `${idOf(made.onion.address)}:descriptor:x25519:${ann?.privateKey?.toUpperCase()}`,
      );
      const eve = await client.addClient({ params: { name: 'club' }, body: { client: 'eve' } });
      const own = createClientKeyPair();
      const zed = await client.addClient({
        params: { name: 'club' },
        body: { client: 'zed', publicKey: own.publicKey.toUpperCase() },
      });
      expect(zed).toEqual({ client: 'zed', publicKey: own.publicKey });
      const listed = await client.listClients({ params: { name: 'club' } });
      expect(listed.restricted).toBe(true);
      expect(listed.clients.map((each) => each.client)).toEqual(['ann', 'bob', 'eve', 'zed']);
      const secrets = [ann, bob, eve].map((each) => each?.privateKey as string);
      for (const secret of secrets) expect(base32ToBytes(secret)).toHaveLength(32);
      const shown = JSON.stringify([
        listed,
        await client.listOnions(),
        await client.getTorStatus(),
        stack.logLines,
        ...world.names('keys').map((each) => world.text(`keys/${each}`)),
        world.text('onion-registry.json'),
      ]).toLowerCase();
      for (const secret of secrets) expect(shown).not.toContain(secret.toLowerCase());
    });

    it('take nobody twice, and end with nobody before they open to everybody', async () => {
      const { client } = await world.start();
      await client.createOnion({ body: { name: 'club', ports: gateway } });
      const name = { name: 'club' };
      const ann = await client.addClient({ params: name, body: { client: 'ann' } });
      const again = client.addClient({ params: name, body: { client: 'ann' } });
      expect((await problemOf(again)).code).toBe('client_exists');
      const same = client.addClient({ params: name, body: { client: 'bob', publicKey: ann.publicKey } });
      expect((await problemOf(same)).code).toBe('client_exists');
      const bad = client.addClient({ params: name, body: { client: 'bob', publicKey: 'b'.repeat(52) } });
      expect((await problemOf(bad)).code).toBe('invalid_request');
      const gone = client.removeClient({ params: { ...name, client: 'constructor' } });
      expect((await problemOf(gone)).code).toBe('client_unknown');
      await client.removeClient({ params: { ...name, client: 'ann' } });
      expect(await client.getOnion({ params: name })).toMatchObject({
        restricted: true,
        clients: [],
        state: 'running',
      });
      for (let at = 0; at < 16; at++) await client.addClient({ params: name, body: { client: `c${at}` } });
      const more = client.addClient({ params: name, body: { client: 'more' } });
      expect((await problemOf(more)).code).toBe('limit_reached');
    });
  });

  describe('stand again', () => {
    it('when Tor was away', async () => {
      const running = await world.start();
      const { onion } = await running.client.createOnion({ body: { name: 'site', ports: gateway } });
      await tor.stop();
      const named = { params: { name: 'site' } };
      await until(async () => (await running.client.getOnion(named)).state === 'waiting');
      expect(await running.client.getTorStatus()).toMatchObject({
        tor: { answers: false, reason: expect.stringContaining('unreachable') },
        onions: { total: 1, running: 0 },
      });
      expect((await running.stack.ready())['tunnel-tools']).toMatchObject({
        dependencies: { tor: { status: 'down' } },
      });
      expect((await problemOf(running.client.renewCircuits())).code).toBe('tor_unavailable');
      // What is asked meanwhile is durable, and done when Tor is back.
      const later = await running.client.createOnion({ body: { name: 'later', ports: gateway } });
      expect(later.onion.state).toBe('waiting');
      const { address } = await running.client.rotateOnion(named);
      tor.start();
      await tor.listening();
      await until(async () =>
        (await running.client.listOnions()).onions.every(({ state }) => state === 'running'),
      );
      expect(await world.held()).toEqual([idOf(later.onion.address), idOf(address)].sort());
      expect(address).not.toBe(onion.address);
      await running.client.renewCircuits();
      expect((await running.stack.ready())['tunnel-tools']?.dependencies).toMatchObject({
        tor: { status: 'up' },
        registry: { status: 'up' },
      });
    });

    it('when the service was away, without being handed over anew', async () => {
      const first = await world.start();
      const { onion } = await first.client.createOnion({ body: { name: 'site', ports: gateway } });
      await world.stop(first);
      expect(await world.held()).toEqual([idOf(onion.address)]);
      const again = await world.start();
      await until(
        async () => (await again.client.getOnion({ params: { name: 'site' } })).state === 'running',
      );
      expect(again.stack.logLines.some(({ msg }) => msg === 'onion service handed to Tor')).toBe(false);
    });

    it('but not where they lead to what may not be published any more', async () => {
      const first = await world.start({ environment: { TUNNEL_MAY_PUBLISH: 'api-server' } });
      await first.client.createOnion({ body: { name: 'api', ports: [{ port: 80, service: 'api-server' }] } });
      await world.stop(first);
      expect(await world.held()).toHaveLength(1);
      const { client, stack } = await world.start();
      await stack.idle();
      expect(await client.getOnion({ params: { name: 'api' } })).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('api-server may not be published'),
      });
      expect(await world.held()).toEqual([]);
    });

    it('where the gateway is wanted from the start', async () => {
      const { client } = await world.start({ environment: { ONION_API_GATEWAY: 'on' } });
      await until(async () => (await client.listOnions()).onions[0]?.state === 'running');
      const { onions } = await client.listOnions();
      expect(onions).toMatchObject([{ name: 'api-gateway', ports: gateway }]);
      expect(await world.held()).toHaveLength(1);
    });
  });

  it('that the registry does not know are told, and left alone', async () => {
    const { client } = await world.start();
    const stranger = await world.withTor((control) =>
      control.addOnion({ ports: [{ port: 80, target: { host: '127.0.0.1', port: 1 } }], detach: true }),
    );
    await client.createOnion({ body: { name: 'site', ports: gateway } });
    expect((await client.getTorStatus()).unknownOnions).toEqual([`${stranger.serviceId}.onion`]);
    await client.removeOnion({ params: { name: 'site' } });
    expect(await world.held()).toEqual([stranger.serviceId]);
  });

  it('that cannot be reached are told so', async () => {
    const { client } = await world.start();
    await client.createOnion({ body: { name: 'site', ports: gateway } });
    const { ok, ports } = await client.verifyOnion({ params: { name: 'site' }, body: { waitSeconds: 0 } });
    expect([ok, ports]).toEqual([
      false,
      [
        {
          port: 80,
          ok: false,
          durationMs: expect.any(Number),
          code: 'proxy_unreachable',
          meaning: expect.stringContaining('nothing was sent'),
        },
      ],
    ]);
  });

  it('on a full volume are not made, and those there are stand', async () => {
    let full = (_step: string) => false;
    let handedOver = 0;
    const { client, stack } = await world.start({
      beforeStep: (step) => {
        if (step === 'add to tor') handedOver++;
        if (full(step)) throw Object.assign(new Error('no room'), { code: 'ENOSPC', syscall: 'write' });
      },
    });
    await client.createOnion({ body: { name: 'site', ports: gateway } });
    // Of all files only the mark does not fit: Tor has it, and is not given it again and again.
    full = (step) => step.startsWith('write applied');
    const { onion } = await client.createOnion({ body: { name: 'more', ports: gateway } });
    expect(handedOver).toBe(2);
    for (let at = 0; at < 3; at++) await stack.idle();
    expect(handedOver).toBe(2);
    expect((await client.listOnions()).onions.map(({ state }) => state)).toEqual(['running', 'running']);
    full = (step) => step.startsWith('write');
    const refused = [
      client.createOnion({ body: { name: 'last', ports: gateway } }),
      client.rotateOnion({ params: { name: 'site' } }),
      client.addClient({ params: { name: 'site' }, body: { client: 'ann' } }),
    ];
    for (const work of refused) expect((await problemOf(work)).code).toBe('store_full');
    full = () => false;
    const { onions } = await client.listOnions();
    expect(onions.map(({ name, restricted }) => [name, restricted])).toEqual([
      ['more', false],
      ['site', false],
    ]);
    expect(await world.held()).toEqual(onions.map(({ address }) => idOf(address)).sort());
    expect(onions[0]?.address).toBe(onion.address);
  });

  it('one whose key is gone does not keep the others down', async () => {
    const first = await world.start();
    const lost = await first.client.createOnion({ body: { name: 'lost', ports: gateway } });
    const good = await first.client.createOnion({ body: { name: 'good', ports: gateway } });
    await world.stop(first);
    await world.withTor(async (control) => {
      for (const each of await control.detachedOnions()) await control.removeOnion(each);
    });
    const file = join(world.folder, 'keys', `${fileIdOf(idOf(lost.onion.address))}.key`);
    (await import('node:fs')).rmSync(file);
    const { client } = await world.start();
    await until(async () => (await client.getOnion({ params: { name: 'good' } })).state === 'running');
    expect(await client.getOnion({ params: { name: 'lost' } })).toMatchObject({
      state: 'failed',
      reason: `${file} is gone; bring it back from a backup, or rotate the onion service.`,
    });
    expect(await world.held()).toEqual([idOf(good.onion.address)]);
    expect((await client.rotateOnion({ params: { name: 'lost' } })).state).toBe('running');
  });
});
