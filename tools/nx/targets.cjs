// Gives every package of the workspace its Nx targets, so that a package.json carries only its name,
// its dependencies and its two tags (layer, plane).
const { dirname, join } = require('node:path');
const { existsSync } = require('node:fs');

const JEST = 'node node_modules/jest/bin/jest.js --config jest.preset.cjs';

function targetsOf(root, workspaceRoot) {
  const name = root.split('/').pop();
  const targets = {
    test: { command: `${JEST} --rootDir ${root} --passWithNoTests` },
    lint: {
      command: `node node_modules/@biomejs/biome/bin/biome check ${root} && node tools/check-boundaries.mjs ${root}`,
    },
    typecheck: { command: `node node_modules/tsc7/bin/tsc -p ${root}/tsconfig.json` },
  };
  if (existsSync(join(workspaceRoot, root, 'src/main.ts'))) {
    targets.build = {
      command: `node tools/build.mjs ${name}`,
      outputs: [`{workspaceRoot}/dist/apps/${name}`],
    };
    targets.serve = { command: `node dist/apps/${name}/main.mjs`, dependsOn: ['build'], continuous: true };
  }
  return targets;
}

module.exports = {
  name: 'lucid-targets',
  createNodesV2: [
    '{apps,libs}/*/package.json',
    (files, _options, { workspaceRoot }) =>
      files.map((file) => {
        const root = dirname(file);
        return [file, { projects: { [root]: { root, targets: targetsOf(root, workspaceRoot) } } }];
      }),
  ],
};
