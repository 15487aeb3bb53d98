import type { tunnelToolsContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { verifyPort } from '../domain/verification.ts';

type OnionOperations = Pick<
  Handlers<typeof tunnelToolsContract, Context>,
  | 'createOnion'
  | 'listOnions'
  | 'getOnion'
  | 'rotateOnion'
  | 'verifyOnion'
  | 'removeOnion'
  | 'listClients'
  | 'addClient'
  | 'removeClient'
>;

export const onionHandlers: OnionOperations = {
  createOnion: ({ body }, _call, { onions }) => onions.create(body),
  listOnions: async (_input, _call, { onions }) => ({ onions: await onions.list() }),
  getOnion: ({ params }, _call, { onions }) => onions.find(params.name),
  rotateOnion: ({ params }, _call, { onions }) => onions.rotate(params.name),
  verifyOnion: async ({ params, body }, call, context) => {
    const { address, ports } = await context.onions.entry(params.name);
    const untilMs = context.clock.nowMs() + body.waitSeconds * 1000;
    const found = ports.map(({ port }) =>
      verifyPort(context, { host: address, port }, { untilMs, signal: call.signal }),
    );
    const findings = await Promise.all(found);
    return { ok: findings.every(({ ok }) => ok), address, ports: findings };
  },
  removeOnion: ({ params }, _call, { onions }) => onions.remove(params.name),
  listClients: async ({ params }, _call, { onions }) => {
    const { restricted, clients } = await onions.entry(params.name);
    return {
      restricted,
      clients: Object.entries(clients).map(([client, entry]) => ({ client, ...entry })),
    };
  },
  addClient: ({ params, body }, _call, { onions }) => onions.addClient(params.name, body),
  removeClient: ({ params }, _call, { onions }) => onions.removeClient(params.name, params.client),
};
