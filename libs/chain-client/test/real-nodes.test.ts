/** The client against nodes that others wrote: the words of their refusals, and exactly once through lost replies and kills. */
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { describeRealNode } from './real-node-suite.ts';
import { PROGRAMS, type ProgramName, startNode, whyNoNode } from './reference-node.ts';

for (const name of Object.keys(PROGRAMS) as ProgramName[]) {
  const where = describeWhere(whyNoNode(name), `the chain client against ${name}`);
  describeRealNode(name, () => startNode(name), { where });
}
