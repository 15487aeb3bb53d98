/** The stack of the tests, by hand: see tools/local-stack.mjs. */
import { resolve } from 'node:path';
import { startProcessStack } from './process-stack.ts';
import { type StorePlan, storePlans, whyNoStores } from './store-plan.ts';

const [, , plan = 'files', folder] = process.argv;
if (!(plan in storePlans)) {
  const plans = Object.entries(storePlans).map(([name, what]) => `  ${name.padEnd(10)}${what}`);
  process.stderr.write(`usage: node tools/local-stack.mjs [STORES [FOLDER]]\n${plans.join('\n')}\n`);
  process.exit(2);
}
const why = whyNoStores(plan as StorePlan);
if (why !== null) {
  process.stderr.write(`${why}\n`);
  process.exit(3);
}
const stack = await startProcessStack({
  root: resolve('.'),
  stores: plan as StorePlan,
  ...(folder ? { folder: resolve(folder) } : {}),
});
for (const service of stack.services.values())
  process.stdout.write(`${service.name.padEnd(24)}${service.options.origin}  pid ${service.pid}\n`);
process.stdout.write(
  `keys, logs and data in ${stack.folder}${folder ? '' : ' (removed at the end)'}\nCtrl-C stops it\n`,
);
await new Promise((resolveStop) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolveStop);
});
await stack.stop();
