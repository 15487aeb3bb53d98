/** Tests that need more than Node: skipped with the reason on standard error, and a failure in CI, where all of it must be there. */
export function describeWhere(why: string | null, what: string): typeof describe | typeof describe.skip {
  if (why === null) return describe;
  if (process.env.CI) throw new Error(`CI must test ${what}: ${why}`);
  process.stderr.write(`skipped: ${what}: ${why}\n`);
  return describe.skip;
}
