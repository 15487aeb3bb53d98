/** Room on volumes: bytes and inodes, by the thresholds of operations: a warning from 85 % used, a failure from 95 %. */
import { statfs } from 'node:fs/promises';
import type { StoreDisk } from '@lucid/store-mongo/backup';
import type { Finding, Probe } from './probe.ts';

export const WARNING_PERCENT = 85;
export const CRITICAL_PERCENT = 95;

/** What `statfs` says, of what this judges. */
export interface VolumeFacts {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  /** For users that are not root. */
  readonly bavail: number;
  /** Inodes; 0 where the file system has no fixed number. */
  readonly files: number;
  readonly ffree: number;
}
export type ReadVolume = (path: string) => Promise<VolumeFacts>;
export const readVolume: ReadVolume = (path) => statfs(path);

const percent = (part: number, whole: number): number => Math.round((part / whole) * 1_000) / 10;

/** As df counts: what root alone may use is neither used nor free. */
function usageOf({ bsize, blocks, bfree, bavail, files, ffree }: VolumeFacts) {
  const used = blocks - bfree;
  const usable = used + bavail;
  return {
    freeBytes: bavail * bsize,
    totalBytes: usable * bsize,
    usedPercent: usable === 0 ? 0 : percent(used, usable),
    usedInodesPercent: files === 0 ? 0 : percent(files - ffree, files),
  };
}

function judge(usedPercent: number, what: string, where: string): Finding {
  const found = `${usedPercent} % of its ${what} are used.`;
  if (usedPercent >= CRITICAL_PERCENT)
    return {
      outcome: 'failed',
      found,
      advice: `Free ${what} on ${where} now: at 100 % nothing can be written.`,
    };
  if (usedPercent >= WARNING_PERCENT)
    return { outcome: 'warning', found, advice: `Free ${what} on ${where}, or give it more, soon.` };
  return { outcome: 'ok', found };
}

export const diskProbe = (path: string, read: ReadVolume): Probe => ({
  check: 'disk',
  target: path,
  tried: `read the usage of ${path}`,
  run: async () => {
    try {
      const usage = usageOf(await read(path));
      const byBytes = usage.usedPercent >= usage.usedInodesPercent;
      const finding = byBytes
        ? judge(usage.usedPercent, 'bytes', path)
        : judge(usage.usedInodesPercent, 'inodes', path);
      return { ...finding, facts: usage };
    } catch (error) {
      const { code = 'unreadable' } = error as NodeJS.ErrnoException;
      return {
        outcome: 'failed',
        found: `It cannot be read (${code}).`,
        advice: `See that the volume of ${path} is mounted.`,
        facts: { error: code },
      };
    }
  },
});

export const storeDiskProbe = (read: () => Promise<StoreDisk | null>): Probe => ({
  check: 'disk',
  target: 'mongodb',
  service: 'mongodb',
  tried: 'asked the document store for its disk',
  run: async () => {
    const disk = await read();
    if (!disk || disk.totalBytes === 0)
      return { outcome: 'absent', found: 'This document store does not tell how full its disk is.' };
    const { totalBytes, usedBytes } = disk;
    const usedPercent = percent(usedBytes, totalBytes);
    const facts = { totalBytes, freeBytes: totalBytes - usedBytes, usedPercent };
    return { ...judge(usedPercent, 'bytes', 'the volume of mongodb'), facts };
  },
});
