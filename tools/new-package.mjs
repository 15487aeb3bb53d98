// node tools/new-package.mjs libs/NAME layer plane ["one line of what it owns"]: the files every package has.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [root, layer, plane = 'any', owns = ''] = process.argv.slice(2);
if (!root || !layer) {
  console.error('usage: node tools/new-package.mjs libs/NAME|apps/NAME LAYER PLANE ["what it owns"]');
  process.exit(2);
}
if (existsSync(join(root, 'package.json'))) {
  console.error(`${root} exists already`);
  process.exit(2);
}
const name = basename(root);
mkdirSync(join(root, 'src'), { recursive: true });
const manifest = {
  name: `@lucid/${name}`,
  version: '0.1.0',
  private: true,
  type: 'module',
  exports: { '.': './src/index.ts' },
  nx: { tags: [`layer:${layer}`, `plane:${plane}`] },
  // Bundles leave out what nobody uses of it: no file does more than declare.
  ...(root.startsWith('libs/') ? { sideEffects: false } : {}),
};
const tsconfig = { extends: '../../tsconfig.base.json', include: ['src', 'test'] };
writeFileSync(join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(root, 'tsconfig.json'), `${JSON.stringify(tsconfig, null, 2)}\n`);
writeFileSync(join(root, 'README.md'), `# @lucid/${name}\n\nOwns: ${owns}\nDoes not own: \nDepends on: \n`);
