// Go in tests: judges and stand-in servers are built with it, and building downloads modules. So that `./lucid test` asks for nothing
// but Node, that is done only in CI or where LUCID_TEST_ALL is set.
import { spawnSync } from 'node:child_process';

/** Why nothing is built with Go here, or null. */
export function whyNoGo() {
  if (!process.env.CI && !process.env.LUCID_TEST_ALL)
    return 'it is built with Go, which downloads modules; LUCID_TEST_ALL=1 allows that';
  return spawnSync('go', ['version']).status === 0 ? null : 'go is not installed';
}
