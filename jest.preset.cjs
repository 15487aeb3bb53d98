// One jest set-up for every project: swc strips the types, ES modules that Node 20's require cannot load
// inside jest are transformed too.
const esmPackages = [
  '@noble',
  'age-encryption',
  '@scure',
  'canonicalize',
  'typebox',
  'cookie',
  'agent-base',
  'socks-proxy-agent',
  'micro-eth-signer',
  'micro-packed',
  '@paulmillr',
];

const swc = [
  '@swc/jest',
  {
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '^.+\\.(?:[cm]?js|ts)$': swc },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmPackages.join('|')})/)`],
  testTimeout: 90_000,
  setupFiles: [require.resolve('./tools/seed-properties.cjs')],
};
