/** A cut between addresses of one machine's bridges: packets of both directions vanish, as on a broken cable. Needs root and nft. */
import { spawn } from 'node:child_process';

function nft(rules: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`nft: ${said.trim()}`))));
    child.stdin.end(rules);
  });
}

let cuts = 0;

/** Resolves when the cut is there, with the function that mends it. */
export async function cutBetween(
  one: readonly string[],
  other: readonly string[],
): Promise<() => Promise<void>> {
  cuts += 1;
  const table = `bridge lucid_cut_${process.pid}_${cuts}`;
  const drop = (from: readonly string[], to: readonly string[]) =>
    `add rule ${table} forward ip saddr { ${from.join(', ')} } ip daddr { ${to.join(', ')} } counter drop`;
  await nft(
    [
      `add table ${table}`,
      `add chain ${table} forward { type filter hook forward priority -300; policy accept; }`,
      drop(one, other),
      drop(other, one),
    ].join('\n'),
  );
  return () => nft(`delete table ${table}`);
}
