// Gives every package of the workspace its Nx targets, so that a package.json carries only its name,
// its dependencies and its two tags (layer, plane).
const { dirname, join } = require('node:path');
const { existsSync } = require('node:fs');
const { buildSync } = require('esbuild');

const JEST = 'node node_modules/jest/bin/jest.js --config jest.preset.cjs';

/** Apps that have an image: rows of the topology of kind `node`. */
function appsWithImages(workspaceRoot) {
  const { outputFiles } = buildSync({
    entryPoints: [join(workspaceRoot, 'libs/topology/src/services.ts')],
    bundle: true,
    format: 'cjs',
    write: false,
    logLevel: 'error',
  });
  const code = { exports: {} };
  new Function('module', 'exports', outputFiles[0].text)(code, code.exports);
  return new Set(code.exports.appNames);
}

const BASE = [{ projects: ['images'], target: 'docker-base' }];

function targetsOf(root, workspaceRoot, withImages) {
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
    if (withImages.has(name)) {
      targets['docker-build'] = { command: `node tools/images/build.mjs ${name}`, dependsOn: BASE };
      targets['docker-push'] = { command: `node tools/images/push.mjs ${name}`, dependsOn: BASE };
    }
    targets.serve = { command: `node dist/apps/${name}/main.mjs`, dependsOn: ['build'], continuous: true };
  }
  return targets;
}

module.exports = {
  name: 'lucid-targets',
  createNodesV2: [
    '{apps,libs}/*/package.json',
    (files, _options, { workspaceRoot }) => {
      const withImages = appsWithImages(workspaceRoot);
      return files.map((file) => {
        const root = dirname(file);
        return [
          file,
          { projects: { [root]: { root, targets: targetsOf(root, workspaceRoot, withImages) } } },
        ];
      });
    },
  ],
};
