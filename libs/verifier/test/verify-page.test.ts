/** docs/verify-without-lucid.md, run as it stands there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainAnchor } from '@lucid/session-format';
import { bytesToAddress } from '@lucid/tron-message';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { runPage, script, whyNoPage } from './run-page.ts';
import { anchorBytes, singleAnchor } from './sample-chain.ts';
import { assemble, sampleManifest, sampleSections, sampleSession } from './sample-session.ts';

const root = join(__dirname, '../../..');
const described = JSON.parse(readFileSync(join(root, 'vectors/evidence/chain.json'), 'utf8'));

test('the page has its blocks', () => {
  expect(script.match(/^same /gm)!.length).toBeGreaterThanOrEqual(6);
});

describeWhere(whyNoPage, 'docs/verify-without-lucid.md')('what the page says to do', () => {
  test.each(['single', 'batch'])('every step holds: registered %s', (form) => {
    const { file, block } = described[form];
    const lines = runPage(join(root, 'vectors/evidence', file));
    expect(lines.filter((line) => !line.startsWith('good: '))).toEqual([]);
    expect(lines).toHaveLength(form === 'single' ? 12 : 13);
    expect(lines).toContain(`good: block ${block.number} with hash ${block.hash}`);
    expect(lines).toContain(`good: transaction ${block.transactionHash}`);
  });

  test('an owner with a TRON address', async () => {
    const plain = sampleSession({ seed: 'tron owner', chunks: 2 });
    const session = {
      ...plain,
      header: { ...plain.header, owner: bytesToAddress(new Uint8Array(20).fill(0x5a)) },
    };
    const manifest = sampleManifest(session);
    const file = join(mkdtempSync(join(tmpdir(), 'tron-owner-')), 'a.lucid');
    const ANCH = anchorBytes(await singleAnchor(session, manifest));
    const sections = { ...sampleSections(session), ANCH };
    writeFileSync(file, assemble(session.sessionId, { records: session.records, sections }));
    expect(runPage(file).filter((line) => !line.startsWith('good: '))).toEqual([]);
  });

  test.each([
    ['names a file elsewhere', 'MANI', '../L'],
    ['has no records', 'INDX', 'INDY'],
  ])('a file that %s does no harm, and is wrong', (_, name, other) => {
    const bytes = readFileSync(join(root, 'vectors/evidence', described.single.file));
    const end = Number(bytes.readBigUInt64BE(bytes.length - 56));
    bytes.write(other, bytes.indexOf(name, end), 'latin1');
    const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
    writeFileSync(join(folder, 'a.lucid'), bytes);
    const stray = join(tmpdir(), 'L');
    rmSync(stray, { force: true });
    const lines = runPage(join(folder, 'a.lucid'));
    expect(lines.some((line) => line.startsWith('WRONG: '))).toBe(true);
    expect(existsSync(stray)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  const marker = join(mkdtempSync(join(tmpdir(), 'executed-')), 'it');
  test.each<[string, (anchor: ChainAnchor) => Partial<ChainAnchor>, string]>([
    [
      'a command in the place of a size',
      ({ checkpoint }) => ({ checkpoint: checkpoint.replace(/\n\d+\n/, `\na[$(touch ${marker})]\n`) }),
      'header in the log of the ledger',
    ],
    ['a proof of no transaction', () => ({ transactionProof: ['AAAA'] }), 'transaction '],
    ['another chain', ({ chainId }) => ({ chainId: chainId + 1 }), 'transaction '],
    [
      'another header',
      ({ header }) => ({
        header: `${header.slice(0, 20)}${header[20] === 'A' ? 'B' : 'A'}${header.slice(21)}`,
      }),
      'block ',
    ],
  ])('%s is wrong, and not executed', async (_, change, what) => {
    const session = sampleSession({ seed: 'a forged anchor', chunks: 2 });
    const anchor = await singleAnchor(session, sampleManifest(session));
    const file = join(mkdtempSync(join(tmpdir(), 'forged-')), 'a.lucid');
    const ANCH = Buffer.from(JSON.stringify({ ...anchor, ...change(anchor) }));
    const sections = { ...sampleSections(session), ANCH };
    writeFileSync(file, assemble(session.sessionId, { records: session.records, sections }));
    expect(runPage(file).filter((line) => line.startsWith(`WRONG: ${what}`))).toHaveLength(1);
    expect(existsSync(marker)).toBe(false);
  });

  test('a changed file does not', () => {
    const bytes = readFileSync(join(root, 'vectors/evidence', described.single.file));
    const folder = mkdtempSync(join(tmpdir(), 'changed-'));
    const wrongOf = (at: number, of: (text: string) => boolean) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      writeFileSync(join(folder, 'a.lucid'), copy);
      expect(
        runPage(join(folder, 'a.lucid'))
          .filter((line) => line.startsWith('WRONG: '))
          .some(of),
      ).toBe(true);
    };
    wrongOf(300, (line) => line.includes('root of the records'));
    wrongOf(bytes.indexOf('"header":"') + 100, (line) => line.includes('header in the log'));
    rmSync(folder, { recursive: true });
  });
});
