/** What the machine offers: Node, the compressor, the clock. */
import { openZstd } from '@lucid/zstd';
import { plainReason } from '../cli/plain-reason.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail';

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
}

export const ok = (name: string, text: string): Check => ({ name, status: 'ok', text });
export const warn = (name: string, text: string, advice: string): Check => ({
  name,
  status: 'warn',
  text,
  advice,
});
export const fail = (name: string, text: string, advice: string): Check => ({
  name,
  status: 'fail',
  text,
  advice,
});

/** Node 20 from 20.19 on is what is tested (package.json, engines). */
export function judgeNode(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major === 20 && minor >= 19) return ok('node', version);
  const advice = 'Install Node.js 20, its newest version.';
  return major < 20 || (major === 20 && minor < 19)
    ? fail('node', `${version} is too old`, advice)
    : warn('node', `${version} is not what this is tested with`, advice);
}

async function checkCodec(): Promise<Check> {
  try {
    const codec = await openZstd('auto');
    if (codec.name === 'native') return ok('compressor', `native zstd ${codec.version}`);
    return warn(
      'compressor',
      'WebAssembly zstd, since the native one was not built; sealing takes about twice the time',
      'With a C++ compiler here: node tools/build-zstd.mjs',
    );
  } catch (error) {
    return fail('compressor', `does not start: ${plainReason(error)}`, 'Build again: node tools/build.mjs');
  }
}

/** Before the first release of this program, or far in the future, the clock is surely wrong; evidence carries its times. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
/** Files of a healthy machine are not from the future; a little skew is nothing. */
const SKEW_MS = 60_000;

export function judgeClock(nowMs: number, newestKnownMs: number | null): Check {
  const text = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const advice = 'Set the clock, best by NTP: evidence carries the times of this clock.';
  if (nowMs < EARLIEST_MS || nowMs > LATEST_MS) return fail('clock', `it says ${text}`, advice);
  if (newestKnownMs !== null && newestKnownMs - nowMs > SKEW_MS)
    return fail(
      'clock',
      `it says ${text}, but something here was written at ${new Date(newestKnownMs).toISOString().slice(0, 19)}Z`,
      advice,
    );
  return ok('clock', `${text}, plausible (not compared with any other)`);
}

export const checkMachine = async (): Promise<Check[]> => [judgeNode(process.version), await checkCodec()];
