/** The program itself: its commands, beside a service that runs and without one, and killed at any moment. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../e2e/stack/free-ports.ts';
import { seeded, seedOfRun } from '../../../e2e/stack/seeded.ts';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { startLoneTor, type TestTor, whyNoTor } from '../../../tools/test-tor.mjs';
import { Program } from './program.ts';
import { type TunnelTools, World } from './world.ts';

const PEER = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
const idOf = (address: string) => address.replace('.onion', '');

describeWhere(whyNoTor(), 'the program of tunnel-tools')('the program', () => {
  let tor: TestTor & { dispose(): Promise<void> };
  let program: Program;
  let world: World;
  let port: number;
  const run = (...argv: string[]) => program.command(world, port, ...argv);
  const answer = async (...argv: string[]) => {
    const { code, stdout, stderr } = await run(...argv);
    expect([argv, code, stderr]).toEqual([argv, 0, '']);
    return JSON.parse(stdout);
  };
  beforeAll(async () => {
    tor = await startLoneTor();
    program = new Program();
  });
  afterAll(async () => {
    program?.dispose();
    await tor?.dispose();
  });
  beforeEach(async () => {
    world = new World(tor);
    [port = 0] = await freePorts(1);
  });
  afterEach(() => world.dispose());

  it('does without a service that runs what it does beside one', async () => {
    const { onion } = await answer(
      'onion',
      'create',
      'site',
      '--port',
      '80=api-gateway',
      '--port',
      '443=api-gateway',
    );
    expect(onion).toMatchObject({ state: 'running', ports: [{ port: 80 }, { port: 443 }] });
    expect(await world.held()).toEqual([idOf(onion.address)]);

    const service = await program.serve(world, port);
    expect((await answer('onion', 'list')).onions).toMatchObject([{ name: 'site', state: 'running' }]);
    const rotated = await answer('onion', 'rotate', 'site');
    expect(await world.held()).toEqual([idOf(rotated.address)]);
    expect(await service.client.getOnion({ params: { name: 'site' } })).toMatchObject({
      address: rotated.address,
    });
    service.child.kill('SIGTERM');
    expect((await once(service.child, 'close'))[0]).toBe(0);
    await service.close();

    expect((await answer('onion', 'status', 'site')).address).toBe(rotated.address);
    expect(await answer('onion', 'remove', 'site')).toBeNull();
    expect(await world.held()).toEqual([]);
  });

  it('lets in and out, and opens tunnels', async () => {
    const made = await answer('onion', 'create', 'club', '--port', '80=api-gateway', '--client', 'ann');
    expect(made.clients).toMatchObject([
      { client: 'ann', credential: expect.stringContaining(':descriptor:x25519:') },
    ]);
    const bob = await answer('client', 'add', 'club', 'bob');
    expect((await answer('client', 'list', 'club')).clients).toMatchObject([
      { client: 'ann' },
      { client: 'bob' },
    ]);
    await answer('client', 'revoke', 'club', 'ann');
    const keyFile = join(world.folder, 'bob.auth_private');
    writeFileSync(keyFile, `${bob.credential}\n`);
    const tunnel = await answer('tunnel', 'open', 'way', `${PEER}:22`, '--client-key-file', keyFile);
    expect(tunnel).toMatchObject({ listensOn: 7101, state: 'waiting', hasClientKey: true });
    expect(JSON.stringify(tunnel)).not.toContain(bob.privateKey);
    expect((await answer('tunnel', 'list')).tunnels).toHaveLength(1);
    await answer('tunnel', 'close', 'way');
    expect(world.names('keys').filter((each) => each.startsWith('tunnel-'))).toEqual([]);
    expect(await answer('tor', 'status')).toMatchObject({
      tor: { answers: true, progress: 0 },
      onions: { total: 1 },
    });
    await answer('tor', 'renew');
  });

  it.each([
    [1, 'onion_unknown', ['onion', 'status', 'none']],
    [1, 'target_refused', ['onion', 'create', 'db', '--port', '80=mongodb']],
    [1, 'mongodb is never published', ['onion', 'create', 'db', '--port', '80=mongodb']],
    [1, 'invalid_request', ['onion', 'create', 'BAD', '--port', '80=api-gateway']],
    [1, 'the onion address is written wrongly', ['tunnel', 'open', 'x', `${PEER.replace('pg6', 'pg7')}:1`]],
    [2, 'an argument is missing', ['onion', 'create']],
    [2, '--port is missing', ['onion', 'create', 'site']],
    [2, '--port must be port=service', ['onion', 'create', 'site', '--port', '80']],
    [2, 'must be a port', ['onion', 'create', 'site', '--port', '70000=api-gateway']],
    [2, '--wait must be', ['onion', 'verify', 'site', '--wait', 'long']],
    [2, 'the target must be address.onion:port', ['tunnel', 'open', 'x', 'a.example:1']],
    [
      2,
      '--client-key-file cannot be read (enoent)',
      ['tunnel', 'open', 'x', `${PEER}:1`, '--client-key-file', '/none/at/all'],
    ],
    [2, 'there is no command', ['onion', 'publish']],
  ])('ends with %d and %j: %j', async (code, said, argv) => {
    const ended = await run(...argv);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr.toLowerCase()).toContain(said);
  });

  it('ends with 3 where the answer is no', async () => {
    await answer('onion', 'create', 'site', '--port', '80=api-gateway');
    const verified = await run('onion', 'verify', 'site');
    expect([verified.code, JSON.parse(verified.stdout)]).toEqual([3, expect.objectContaining({ ok: false })]);
    await tor.stop();
    expect((await run('tor', 'status')).code).toBe(3);
    expect((await run('onion', 'status', 'site')).code).toBe(3);
    expect((await run('tor', 'renew')).stderr).toContain('"code":"tor_unavailable"');
    tor.start();
    await tor.listening();
  });

  it('names the file of a registry that is damaged', async () => {
    await answer('onion', 'create', 'site', '--port', '80=api-gateway');
    const path = join(world.folder, 'onion-registry.json');
    writeFileSync(path, '{"format"');
    const { code, stderr } = await run('onion', 'list');
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'registry_unusable',
      detail: expect.stringContaining(
        `${path} is damaged: it is not whole JSON; stop tunnel-tools, copy ${world.folder}/versions/onion-registry.`,
      ),
    });
    // What Tor holds goes on, and the service comes up and says what it lacks.
    expect(await world.held()).toHaveLength(1);
    const service = await program.serve(world, port);
    const ready = await fetch(`http://127.0.0.1:${port}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({
        dependencies: expect.objectContaining({ registry: expect.objectContaining({ status: 'down' }) }),
      }),
    ]);
    service.child.kill('SIGTERM');
    await once(service.child, 'close');
    await service.close();
  });

  it('says which settings are wrong', async () => {
    for (const [name, value, said] of [
      ['TOR_PROXY_URL', 'http://tor-proxy:9050', 'TOR_PROXY_URL: socks5://HOST:PORT'],
      ['TOR_CONTROL_ADDRESS', 'tor-proxy:0', 'TOR_CONTROL_ADDRESS: HOST:PORT'],
      ['TUNNEL_PORTS', '7200-7100', 'TUNNEL_PORTS: FIRST-LAST'],
      ['TUNNEL_MAY_PUBLISH', 'redis', 'TUNNEL_MAY_PUBLISH: '],
      ['ONION_API_GATEWAY', 'yes', 'ONION_API_GATEWAY: '],
    ] as const) {
      const environment = { ...world.environment, [name]: value };
      const { code, stderr } = await program.command({ environment }, port);
      expect([name, code, stderr]).toEqual([name, 2, expect.stringContaining(`  ${said}`)]);
    }
  });

  it('killed at any moment, loses nothing that it has answered', async () => {
    const random = seeded(seedOfRun('kills of tunnel-tools'));
    /** Address by name, as answered last. */
    const answered = new Map<string, string>();
    let count = 0;
    const change = async (client: TunnelTools, inFlight: Set<string>) => {
      const names = [...answered.keys()];
      const kind = names.length < 3 ? 0 : random.below(3);
      const name = kind === 0 ? `site-${count++}` : random.pick(names);
      inFlight.add(name);
      const params = { name };
      if (kind === 0) {
        const ports = [{ port: 80, service: 'api-gateway' }];
        answered.set(name, (await client.createOnion({ body: { name, ports } })).onion.address);
      } else if (kind === 1) answered.set(name, (await client.rotateOnion({ params })).address);
      else {
        await client.removeOnion({ params });
        answered.delete(name);
      }
      inFlight.delete(name);
    };
    for (let round = 0; round < 8; round++) {
      const { child, client, close } = await program.serve(world, port);
      const inFlight = new Set<string>();
      const changes = (async () => {
        for (;;) await change(client, inFlight);
      })().catch(() => {});
      for (const from = count; count < from + 2; ) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, random.below(60)));
      child.kill('SIGKILL');
      await Promise.all([once(child, 'close'), changes]);
      await close();

      const { onions } = await answer('onion', 'list');
      const found = new Map<string, string>(
        onions.map((each: { name: string; address: string }) => [each.name, each.address]),
      );
      for (const [name, address] of answered)
        if (!inFlight.has(name)) expect([name, found.get(name)]).toEqual([name, address]);
      for (const name of found.keys())
        expect([name, answered.has(name) || inFlight.has(name)]).toEqual([name, true]);
      // What was under way is so or so.
      for (const name of inFlight) {
        const address = found.get(name);
        if (address === undefined) answered.delete(name);
        else answered.set(name, address);
      }
    }
    const { client, child, close } = await program.serve(world, port);
    const isDone = async () => (await client.listOnions()).onions.every(({ state }) => state === 'running');
    while (!(await isDone()) || (await client.getTorStatus()).unknownOnions.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await world.held()).toEqual([...answered.values()].map(idOf).sort());
    child.kill('SIGTERM');
    await once(child, 'close');
    await close();
  });
});
