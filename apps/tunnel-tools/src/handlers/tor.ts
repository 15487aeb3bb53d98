import type { TorStatus, tunnelToolsContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import { isTorControlError } from '@lucid/tor-control';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';

type TorOperations = Pick<Handlers<typeof tunnelToolsContract, Context>, 'getTorStatus' | 'renewCircuits'>;

async function torOf({ link }: Context): Promise<Static<typeof TorStatus>['tor']> {
  try {
    const control = await link.control();
    const { progress, summary } = await control.bootstrapPhase();
    const circuits = (await control.circuits()).filter(({ state }) => state === 'BUILT').length;
    return { answers: true, version: await control.info('version'), progress, summary, circuits };
  } catch (error) {
    if (!isTorControlError(error)) throw error;
    return { answers: false, reason: error.message };
  }
}

const count = <T>(all: readonly T[], is: (each: T) => boolean): number => all.filter(is).length;

export const torHandlers: TorOperations = {
  getTorStatus: async (_input, _call, context) => {
    const { registry, onions, tunnels, publisher } = context;
    const { version } = await registry.load();
    const [allOnions, allTunnels] = [await onions.list(), await tunnels.list()];
    return {
      tor: await torOf(context),
      registry: { file: registry.path, version },
      onions: { total: allOnions.length, running: count(allOnions, ({ state }) => state === 'running') },
      tunnels: {
        total: allTunnels.length,
        listening: count(allTunnels, ({ state }) => state === 'listening'),
      },
      unknownOnions: [...publisher.unknownAddresses],
    };
  },
  renewCircuits: async (_input, _call, { link }) => {
    try {
      await (await link.control()).newIdentity();
    } catch (cause) {
      if (!isTorControlError(cause)) throw cause;
      throw problem('tor_unavailable', { cause });
    }
  },
};
