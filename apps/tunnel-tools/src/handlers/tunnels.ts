import type { tunnelToolsContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

type TunnelOperations = Pick<
  Handlers<typeof tunnelToolsContract, Context>,
  'openTunnel' | 'listTunnels' | 'closeTunnel'
>;

export const tunnelHandlers: TunnelOperations = {
  openTunnel: async ({ body }, _call, { tunnels, publisher }) => {
    const opened = await tunnels.open(body);
    // Tor is given the client's key.
    if (body.clientKey !== undefined) await publisher.tryPublish();
    return opened;
  },
  listTunnels: async (_input, _call, { tunnels }) => ({ tunnels: await tunnels.list() }),
  closeTunnel: async ({ params }, _call, { tunnels, publisher }) => {
    await tunnels.close(params.name);
    await publisher.tryPublish();
  },
};
