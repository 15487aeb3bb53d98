import { describe, expect, test } from '@jest/globals';
import {
  addSignatures,
  createCosigner,
  createNoteSigner,
  formatVerifierKey,
  NOTE_COSIGNATURE_V1,
  parseNote,
  parseVerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';
import { rootOfLeaves } from '@lucid/merkle';
import { codeOf, entryOf, fill, notary, openLog, seedOf } from './log-kit.ts';

const witness = (name: string, timestamp = 1_700_000_000) => {
  const secretKey = seedOf(name);
  const key = {
    name: `witness.invalid/${name}`,
    publicKey: ed25519PublicKey(secretKey),
    alg: NOTE_COSIGNATURE_V1,
  } as const;
  const signer = createCosigner({ name: key.name, secretKey, timestamp: () => timestamp });
  return { vkey: formatVerifierKey(key), cosign: (note: string) => addSignatures(parseNote(note), [signer]) };
};
const [a, b, stranger] = [witness('a'), witness('b'), witness('stranger')];
const witnesses = [a.vkey, b.vkey];
const signersOf = (note: string): string[] => parseNote(note).signatures.map(({ name }) => name);

describe('cosignatures', () => {
  test('of configured witnesses are stored, merged and served, also after a restart', async () => {
    const { log, memory } = await openLog({ witnesses });
    await fill(log, 300);
    const note = log.checkpoint();
    expect(log.cosigned()).toBeNull();
    await log.addCosignature(a.cosign(note));
    await log.addCosignature(b.cosign(note));
    expect(signersOf(log.checkpoint())).toEqual([notary.origin, 'witness.invalid/a', 'witness.invalid/b']);
    const verdict = verifyNote(log.checkpoint(), [notary.key, ...witnesses.map(parseVerifierKey)]);
    expect(verdict.ok && verdict.verified.length).toBe(3);
    const again = (await openLog({ memory: memory.copy(), witnesses })).log;
    expect(again.checkpoint()).toBe(log.checkpoint());
    await fill(again, 1, 300);
    expect(signersOf(again.checkpoint())).toEqual([notary.origin]);
    expect(again.cosigned()).toEqual({ size: 300, note: log.checkpoint() });
  });

  test('two at once both stay, the newer of one witness replaces the older', async () => {
    const { log } = await openLog({ witnesses });
    await fill(log, 3);
    const note = log.checkpoint();
    await Promise.all([log.addCosignature(a.cosign(note)), log.addCosignature(b.cosign(note))]);
    const { note: newer } = await log.addCosignature(witness('a', 1_800_000_000).cosign(note));
    await log.addCosignature(a.cosign(note));
    expect(signersOf(log.checkpoint())).toHaveLength(3);
    const line = (text: string) => text.split('\n').find((each) => each.includes('witness.invalid/a'));
    expect(line(log.checkpoint())).toBe(line(newer));
  });

  test('an older checkpoint may still be cosigned; the larger one stays the one that is served', async () => {
    const { log } = await openLog({ witnesses });
    await fill(log, 3);
    const old = log.checkpoint();
    await fill(log, 3, 3);
    await log.addCosignature(b.cosign(log.checkpoint()));
    expect((await log.addCosignature(a.cosign(old))).size).toBe(3);
    expect(log.cosigned()?.size).toBe(6);
  });

  test('what is not of this log and a configured witness is refused, an unknown signature beside is dropped', async () => {
    const { log } = await openLog({ witnesses });
    await fill(log, 3);
    const note = log.checkpoint();
    const otherLog = addSignatures({ ...parseNote(note), signatures: [] }, [
      createNoteSigner({ name: 'lucid.invalid/other', secretKey: seedOf('x') }),
    ]);
    const damaged = a
      .cosign(note)
      .replace(
        /(witness\.invalid\/a )(.{20})(.)/,
        (_, name, head, last) => `${name}${head}${last === 'A' ? 'B' : 'A'}`,
      );
    for (const bad of [
      note,
      stranger.cosign(note),
      a.cosign(otherLog),
      damaged,
      a.cosign(note).replace('\n3\n', '\n4\n'),
      '',
      'x',
      '\n\n— a b\n',
    ])
      expect(await codeOf(log.addCosignature(bad))).toBe('cosignature_invalid');
    expect(log.cosigned()).toBeNull();
    await log.addCosignature(stranger.cosign(a.cosign(note)));
    expect(signersOf(log.checkpoint())).toEqual([notary.origin, 'witness.invalid/a']);
  });

  test.each([
    ['a larger one', 8],
    ['another one of a size it has', 5],
  ])(
    "%s with the log's own signature uncovers a store that was set back, and stops the log",
    async (_, size) => {
      const { log } = await openLog({ witnesses });
      await fill(log, 6);
      const signed = notary.sign({ size, root: rootOfLeaves([]) });
      expect(await codeOf(log.addCosignature(a.cosign(signed)))).toBe('ledger_rolled_back');
      expect(await codeOf(log.append(entryOf(6)))).toBe('ledger_rolled_back');
      expect(log.stopped()?.code).toBe('ledger_rolled_back');
      expect((await log.entry(5)).data).toEqual(entryOf(5));
    },
  );
});
