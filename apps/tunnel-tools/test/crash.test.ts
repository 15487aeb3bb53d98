/** The service ends at every step of every change; another one begins over what it left, with the Tor that it left. */
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { startLoneTor, type TestTor, whyNoTor } from '../../../tools/test-tor.mjs';
import { fileIdOf } from '../src/store/key-files.ts';
import { type TunnelTools, World } from './world.ts';

const gateway = [{ port: 80, service: 'api-gateway' }];
const named = { params: { name: 'site' } };

class Ended extends Error {}

const before = async (client: TunnelTools) => {
  await client.createOnion({ body: { name: 'site', ports: gateway, clients: ['ann'] } });
  await client.openTunnel({
    body: { name: 'way', address: `${PEER}.onion`, port: 22 },
  });
};
/** An address of rend-spec-v3. */
const PEER = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd';
const tunnel = { name: 'other', address: `${PEER}.onion`, port: 23, clientKey: 'a'.repeat(52) };

type View = {
  address?: string;
  clients?: readonly string[];
  names: readonly string[];
  tunnels: readonly string[];
};

const changes: Record<
  string,
  { run: (client: TunnelTools) => Promise<unknown>; done: (now: View, then: View) => boolean }
> = {
  'creating an onion service': {
    run: (client) => client.createOnion({ body: { name: 'more', ports: gateway } }),
    done: ({ names }) => names.includes('more'),
  },
  'giving it a new address': {
    run: (client) => client.rotateOnion(named),
    done: (now, then) => now.address !== then.address,
  },
  'taking it down': {
    run: (client) => client.removeOnion(named),
    done: ({ names }) => !names.includes('site'),
  },
  'letting somebody in': {
    run: (client) => client.addClient({ ...named, body: { client: 'bob' } }),
    done: ({ clients }) => clients?.includes('bob') === true,
  },
  'letting somebody in no longer': {
    run: (client) => client.removeClient({ params: { name: 'site', client: 'ann' } }),
    done: ({ clients }) => clients?.includes('ann') === false,
  },
  'opening a tunnel': {
    run: (client) => client.openTunnel({ body: tunnel }),
    done: ({ tunnels }) => tunnels.includes('other'),
  },
  'closing a tunnel': {
    run: (client) => client.closeTunnel({ params: { name: 'way' } }),
    done: ({ tunnels }) => !tunnels.includes('way'),
  },
};

async function viewOf(client: TunnelTools): Promise<View> {
  const { onions } = await client.listOnions();
  const { tunnels } = await client.listTunnels();
  const site = onions.find(({ name }) => name === 'site');
  return {
    ...(site ? { address: site.address, clients: site.clients } : {}),
    names: onions.map(({ name }) => name),
    tunnels: tunnels.map(({ name }) => name),
  };
}

describeWhere(whyNoTor(), 'onion services over crashes')('ended at any step of', () => {
  let tor: TestTor & { dispose(): Promise<void> };
  beforeAll(async () => {
    tor = await startLoneTor();
  });
  afterAll(() => tor?.dispose());

  /** Ends the service before step `step` of the change; resolves to how many there were, or null where it was not reached. */
  async function endAt(world: World, step: number, run: (client: TunnelTools) => Promise<unknown>) {
    let steps = Number.NEGATIVE_INFINITY;
    const running = await world.start({
      beforeStep: () => {
        // A process that has ended does nothing more.
        if (steps++ >= step) throw new Ended();
      },
    });
    await before(running.client);
    const then = await viewOf(running.client);
    steps = 0;
    const acknowledged = await run(running.client).then(
      () => true,
      () => false,
    );
    const ended = steps > step;
    steps = Number.POSITIVE_INFINITY;
    await world.stop(running);
    return { then, acknowledged, ended };
  }

  async function judge(
    world: World,
    { then, acknowledged }: Awaited<ReturnType<typeof endAt>>,
    change: string,
  ) {
    const again = await world.start();
    const { client } = again;
    await again.stack.idle();
    const now = await viewOf(client);
    const { onions } = await client.listOnions();
    const done = changes[change]?.done(now, then) === true;
    if (acknowledged) expect(done).toBe(true);
    if (!done) expect(now).toEqual(then);
    const held = onions.map(({ address }) => address.replace('.onion', '')).sort();
    expect(await world.held()).toEqual(held);
    const whole = (folder: string) => world.names(folder).filter((name) => !name.endsWith('.new'));
    const files = held.map(fileIdOf).sort();
    expect(whole('applied')).toEqual(files);
    const keys = whole('keys').filter((each) => !each.startsWith('tunnel-'));
    expect(keys).toEqual(expect.arrayContaining(files.map((each) => `${each}.key`)));
    for (const { name, address, restricted } of onions) {
      const { clients } = await client.listClients({ params: { name } });
      // Of Tor: those of the registry and this installation itself, nobody else.
      const letIn = world.handed.get(address.replace('.onion', ''))?.clients ?? [];
      expect([change, name, letIn.length]).toEqual([change, name, restricted ? clients.length + 1 : 0]);
      expect(letIn).toEqual(expect.arrayContaining(clients.map(({ publicKey }) => publicKey)));
    }
    await client.createOnion({ body: { name: 'after', ports: gateway } });
    return { done };
  }

  it.each(Object.keys(changes))('%s', async (change) => {
    const outcomes = new Set<boolean>();
    for (let step = 0; ; step++) {
      const world = new World(tor);
      try {
        const end = await endAt(
          world,
          step,
          changes[change]?.run as (client: TunnelTools) => Promise<unknown>,
        );
        outcomes.add((await judge(world, end, change)).done);
        if (!end.ended) break;
      } finally {
        await world.dispose();
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});
