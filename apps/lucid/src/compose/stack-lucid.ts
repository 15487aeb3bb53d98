/**
 * What a command works with where the services are those of a stack: they keep the evidence, this machine the owner's keys. Finished
 * evidence is taken out into `containers/` of the data folder, and judged by the stack's public keys.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../cli/output.ts';
import { exportFromServices } from '../commands/export-services.ts';
import { openOutput, withOutput } from '../commands/export-target.ts';
import { assertHolds } from '../commands/open.ts';
import type { Session } from '../commands/session-flow.ts';
import { evidencePath, type Home, homePath, layoutOf, requireHome } from '../host/home.ts';
import type { Lucid, ServicesApart } from '../host/lucid.ts';
import { type NodeKeys, readNodeKeys } from '../host/node-keys.ts';
import { connectToStack, type StackServices } from './stack-services.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Evidence of stacks, and what was seen of it, apart from that of this node. Nothing is made here. */
export const stackHome = (env: Environment): Home => layoutOf(join(homePath(env), 'containers'));

export const trustedKeys = ({ recorderKey, ledgerKey }: StackServices): ServicesApart['keys'] => ({
  ...(recorderKey ? { recorderKeys: [recorderKey] } : {}),
  ...(ledgerKey ? { ledgerKeys: [ledgerKey] } : {}),
});

/** Writes the evidence of a finished session to a file that appears whole, and only where it holds. */
export async function takeOut(
  services: StackServices,
  session: Pick<Session, 'sessionId' | 'manifestHash' | 'anchored'>,
  { path, output }: { readonly path: string; readonly output: Output },
): Promise<void> {
  const { sessionId, manifestHash, anchored } = session;
  const target = openOutput(path, { force: true });
  await withOutput(target, async () => {
    await exportFromServices(services, session, { target, output });
    if (target.draft === null) return;
    await assertHolds(
      {
        path: target.draft,
        home: null,
        expected: { sessionId, ...(manifestHash ? { manifestHash } : {}) },
        requireAnchor: anchored,
        byId: false,
      },
      output,
      {
        readRecords: true,
        told: {
          name: `what the services gave of session ${sessionId}`,
          advice: 'Nothing was written. See: lucid doctor --compose',
        },
      },
    );
  });
}

const apartOf = (services: StackServices, home: Home, output: Output): ServicesApart => ({
  option: ' --compose',
  gateway: services.gateway,
  keys: trustedKeys(services),
  async takeOut(session) {
    const path = evidencePath(home, session.sessionId);
    if (existsSync(path)) return path;
    for (const folder of [home.sessions, home.seen]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    await takeOut(services, session, { path, output });
    return path;
  },
});

/** `keys`: of the owner, where they were opened already; else they are read when they are asked for. */
export function openStackLucid(
  env: Environment,
  { output, keys }: { readonly output: Output; readonly keys?: NodeKeys },
): Lucid {
  const services = connectToStack(env);
  const home = stackHome(env);
  let known = keys;
  return {
    clientOf: (contract) => services.clientOf(contract),
    close: () => services.close(),
    home,
    get keys() {
      known ??= readNodeKeys(requireHome(env));
      return known;
    },
    desk: null,
    hostAlive: () => true,
    getReady() {},
    apart: apartOf(services, home, output),
  };
}
