/** A session whose anchor on a chain each test exchanges. */
import type { ChainAnchor } from '@lucid/session-format';
import { createBytesReader, type FaultCode, type VerifyOptions, verifyBundle } from '../src/index.ts';
import { anchorBytes, registrationOf } from './sample-chain.ts';
import { assemble, sampleManifest, sampleSections, sampleSession } from './sample-session.ts';

export const session = sampleSession({ seed: 'chain', chunks: 4 });
const { records, sessionId, ledger, witness } = session;
export const keys = { ledger, witness };
export const manifest = sampleManifest(session);
export const own = registrationOf(manifest);
const sections = sampleSections(session);
export const trusted: VerifyOptions = {
  recorderKeys: [session.recorder.vkey],
  ledgerKeys: [ledger.vkey],
  witnessKeys: [witness.vkey],
};

export const bundleWith = (ANCH: Uint8Array): Uint8Array =>
  assemble(sessionId, { records, sections: { ...sections, ANCH } });
export const judge = (anchor: ChainAnchor, options: VerifyOptions = trusted) =>
  verifyBundle(createBytesReader(bundleWith(anchorBytes(anchor))), options);
/** Each code once, in the order of the faults. */
export const codesOf = async (anchor: ChainAnchor, options?: VerifyOptions): Promise<FaultCode[]> => [
  ...new Set((await judge(anchor, options)).faults.map(({ code }) => code)),
];

/** Every bit where there is time; else each so many-th, so that all bytes' parts are met. */
const isSlow = process.env.LUCID_SLOW !== undefined;
export const stride = (each: number): number => (isSlow ? 1 : each);

export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};
export const flippedHex = (text: string): string => `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;
