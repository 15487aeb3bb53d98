import fc from 'fast-check';
import {
  generateIdentity,
  isRecipient,
  isRecipientError,
  recipientOf,
  unwrapSessionKey,
  wrapSessionKey,
} from './index.ts';

const key = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1);

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isRecipientError(error)) return error.code;
    throw error;
  }
  return 'no error';
};

describe('session keys', () => {
  it('come back under the identity of the recipient, and under no other', async () => {
    const [owner, stranger] = [await generateIdentity(), await generateIdentity()];
    const wrapped = await wrapSessionKey(key, owner.recipient);
    expect(await unwrapSessionKey(wrapped, [owner.identity])).toEqual(key);
    expect(await unwrapSessionKey(wrapped, [stranger.identity, owner.identity])).toEqual(key);
    expect(await unwrapSessionKey(wrapped, [stranger.identity])).toBeNull();
    expect(await unwrapSessionKey(wrapped, [])).toBeNull();
  });

  it('are wrapped afresh each time, in the documented format', async () => {
    const { recipient } = await generateIdentity();
    const [one, two] = [await wrapSessionKey(key, recipient), await wrapSessionKey(key, recipient)];
    expect(one).not.toEqual(two);
    expect(new TextDecoder().decode(one.subarray(0, 22))).toBe('age-encryption.org/v1\n');
    expect(one.length).toBe(two.length);
  });

  it('are 32 bytes', async () => {
    const { recipient } = await generateIdentity();
    await expect(wrapSessionKey(key.subarray(1), recipient)).rejects.toThrow(RangeError);
  });

  it('are refused where the age file holds anything else', async () => {
    const { identity, recipient } = await generateIdentity();
    const { Encrypter } = await import('age-encryption');
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const other = await encrypter.encrypt(new Uint8Array(33));
    expect(await codeOf(unwrapSessionKey(other, [identity]))).toBe('age_damaged');
  });
});

describe('damaged age files', () => {
  it('every single flipped bit is refused', async () => {
    const { identity, recipient } = await generateIdentity();
    const wrapped = await wrapSessionKey(key, recipient);
    await fc.assert(
      fc.asyncProperty(fc.nat(wrapped.length * 8 - 1), async (bit) => {
        const bad = wrapped.slice();
        bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
        const outcome = await unwrapSessionKey(bad, [identity]).catch((error: unknown) => {
          if (!isRecipientError(error, 'age_damaged')) throw error;
          return null;
        });
        expect(outcome).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('every truncation is refused', async () => {
    const { identity, recipient } = await generateIdentity();
    const wrapped = await wrapSessionKey(key, recipient);
    for (let size = 0; size < wrapped.length; size += 1)
      expect(await codeOf(unwrapSessionKey(wrapped.subarray(0, size), [identity]))).toBe('age_damaged');
  });

  it.each([
    ['another version', (text: string) => text.replace('age-encryption.org/v1', 'age-encryption.org/v2')],
    ['no recipient stanza', (text: string) => text.replace(/-> X25519 [^\n]+\n[^\n]+\n/, '')],
    ['a stanza with too many arguments', (text: string) => text.replace('-> X25519 ', '-> X25519 x ')],
    ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a MAC of another header', (text: string) => text.replace(/--- [^\n]+/, `--- ${'A'.repeat(43)}`)],
    ['bytes behind the end', (text: string) => `${text}x`],
  ])('%s is refused', async (_name, change) => {
    const { identity, recipient } = await generateIdentity();
    const text = Buffer.from(await wrapSessionKey(key, recipient)).toString('latin1');
    const changed = Buffer.from(change(text), 'latin1');
    expect(changed.toString('latin1')).not.toBe(text);
    const outcome = await unwrapSessionKey(changed, [identity]).catch((error: unknown) => error);
    expect(outcome === null || isRecipientError(outcome, 'age_damaged')).toBe(true);
  });
});

describe('recipients and identities', () => {
  it('a recipient belongs to its identity', async () => {
    const { identity, recipient } = await generateIdentity();
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
    expect(recipient).toMatch(/^age1[0-9a-z]{58}$/);
    expect(await recipientOf(identity)).toBe(recipient);
  });

  it('a changed letter is refused, by its checksum', async () => {
    const { identity, recipient } = await generateIdentity();
    const swap = (text: string) => text.slice(0, -1) + (/[Qq]$/.test(text) ? 'p' : 'q');
    expect(isRecipient(recipient)).toBe(true);
    expect(isRecipient(swap(recipient))).toBe(false);
    expect(isRecipient(identity)).toBe(false);
    expect(await codeOf(recipientOf(swap(identity)))).toBe('identity_invalid');
    expect(await codeOf(wrapSessionKey(key, swap(recipient)))).toBe('recipient_invalid');
    expect(await codeOf(unwrapSessionKey(new Uint8Array(9), ['AGE-SECRET-KEY-1X']))).toBe('identity_invalid');
  });

  it('no error repeats an identity, nor does its cause', async () => {
    const { identity } = await generateIdentity();
    const broken = `${identity.slice(0, -1)}!`;
    const error = await recipientOf(broken).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(Error);
    const { message, stack, cause } = error as Error;
    const said = `${message}${stack}${(cause as Error).message}${(cause as Error).stack}`;
    expect(said).not.toContain(identity.slice(20, 40));
  });
});
