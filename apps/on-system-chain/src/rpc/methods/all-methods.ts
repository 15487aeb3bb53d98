import { Filters } from '../filters.ts';
import type { Methods } from '../method.ts';
import type { RpcNode } from '../node.ts';
import { blockMethods } from './block-methods.ts';
import { callMethods } from './call-methods.ts';
import { chainMethods } from './chain-methods.ts';
import { debugMethods } from './debug-methods.ts';
import { feeMethods } from './fee-methods.ts';
import { logMethods } from './log-methods.ts';
import { poolMethods } from './pool-methods.ts';
import { simulationMethods } from './simulation-methods.ts';
import { stateMethods } from './state-methods.ts';

/** Every method that there is. */
export const createMethods = (node: RpcNode): Methods => ({
  ...chainMethods(node),
  ...blockMethods(node),
  ...stateMethods(node),
  ...callMethods(node),
  ...simulationMethods(node),
  ...feeMethods(node),
  ...logMethods(node, new Filters(node)),
  ...poolMethods(node),
  ...debugMethods(node),
});
