// Jest's set-up: with LUCID_SEED, as in CI, properties (fast-check) repeat; without it each run looks at other cases.
const seed = Number(process.env.LUCID_SEED);
if (Number.isInteger(seed) && process.env.LUCID_SEED) require('fast-check').configureGlobal({ seed });
