import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { ed25519PublicKey, ed25519Sign } from '@lucid/crypto';
import { canonicalBytes } from '@lucid/jcs';
import fc from 'fast-check';
import { claims } from '../test/arbitrary.ts';
import {
  type Admission,
  type AdmissionFault,
  DEFAULT_PARAMETERS,
  isSigned,
  judgeTaskProof,
  type ProofFormFault,
  readTaskProof,
  signedBytes,
  signTaskProof,
  slotStartMs,
  type TaskClaim,
  taskProofBytes,
} from './index.ts';

const CHAIN_ID = 1337;
const secretKey = new Uint8Array(32).fill(7);
const nodeId = bytesToHex(ed25519PublicKey(secretKey));
const SLOT = 1000;
const ts = slotStartMs(SLOT, DEFAULT_PARAMETERS) + 1;
const claim: TaskClaim = { nodeId, slot: SLOT, ts, type: 'uptime_beacon', value: { uptimeSeconds: 120 } };
const proof = signTaskProof(claim, secretKey, CHAIN_ID);

describe('bytes of a proof', () => {
  it('are canonical JSON; under the signature stand label, chain id and the claim', () => {
    const text = `{"nodeId":"${nodeId}","slot":1000,"ts":${ts},"type":"uptime_beacon","value":{"uptimeSeconds":120}}`;
    expect(signedBytes(claim, CHAIN_ID)).toEqual(utf8ToBytes(`lucid-task-proof/1\n1337\n${text}`));
    expect(proof.sig).toBe(bytesToHex(ed25519Sign(secretKey, signedBytes(claim, CHAIN_ID))));
    expect(readTaskProof(taskProofBytes(proof))).toEqual({ ok: true, proof });
  });

  it('come back as they were, whatever the claim; one changed member breaks the signature', () => {
    fc.assert(
      fc.property(claims({ nodes: 1, slots: [0, 2 ** 31] }), fc.nat(5), (any, at) => {
        const signed = signTaskProof({ ...any, nodeId }, secretKey, CHAIN_ID);
        expect(readTaskProof(taskProofBytes(signed))).toEqual({ ok: true, proof: signed });
        expect(isSigned(signed, CHAIN_ID)).toBe(true);
        expect(isSigned(signed, CHAIN_ID + 1)).toBe(false);
        const changes = [
          { slot: signed.slot + 1 },
          { ts: signed.ts + 1 },
          { poolId: 'gamma' },
          { nodeId: '0'.repeat(64) },
          { type: 'other' },
          { value: { uptimeSeconds: 121 } },
        ];
        expect(isSigned({ ...signed, ...changes[at] } as typeof signed, CHAIN_ID)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  const storage = (chunksStored: unknown, sizeBytes: unknown) => ({
    type: 'storage_availability',
    value: { chunksStored, sizeBytes },
  });
  const up = (uptimeSeconds: unknown) => ({ value: { uptimeSeconds } });
  it.each<[ProofFormFault, string, Record<string, unknown>]>([
    ['wrong-members', 'one more', { extra: 1 }],
    ['wrong-members', 'one more, named as what every object has', { constructor: 1 }],
    ['bad-node-id', 'upper case', { nodeId: nodeId.toUpperCase() }],
    ['bad-node-id', 'short', { nodeId: nodeId.slice(2) }],
    ['bad-node-id', 'a list that prints as one', { nodeId: [nodeId] }],
    ['bad-pool-id', 'empty', { poolId: '' }],
    ['bad-pool-id', 'null', { poolId: null }],
    ['bad-pool-id', 'upper case', { poolId: 'Pool' }],
    ['bad-pool-id', 'a newline at the end', { poolId: 'pool\n' }],
    ['bad-pool-id', 'a prefix of another space', { poolId: 'node:1' }],
    ['bad-pool-id', 'too long', { poolId: 'a'.repeat(65) }],
    ['bad-slot', 'negative', { slot: -1 }],
    ['bad-slot', 'a fraction', { slot: 0.5 }],
    ['bad-slot', 'no safe integer', { slot: 2 ** 53 }],
    ['bad-slot', 'a text', { slot: '1000' }],
    ['bad-time', 'negative', { ts: -1 }],
    ['bad-time', 'a date as text', { ts: '2024-01-01T00:00:00Z' }],
    ['unknown-type', 'another', { type: 'operation_time' }],
    ['unknown-type', 'of every object', { type: 'toString' }],
    ['unknown-type', 'a prototype', { type: '__proto__' }],
    ['bad-value', 'of another type', { value: { bytesTransferred: 1, sessionsRelayed: 1 } }],
    ['bad-value', 'null', { value: null }],
    ['bad-value', 'a list', { value: [120] }],
    ['bad-value', 'one more', { value: { uptimeSeconds: 1, more: 1 } }],
    ['bad-value', 'a fraction', up(0.5)],
    ['bad-value', 'negative', up(-1)],
    ['bad-value', 'a text', up('120')],
    ['implausible-value', 'longer than any slot', up(301)],
    ['implausible-value', 'chunks without bytes', storage(2, 2047)],
    ['implausible-value', 'more than a petabyte', storage(0, 2 ** 50 + 1)],
    ['implausible-value', 'too many chunks', storage(2 ** 32 + 1, 2 ** 50)],
    ['bad-signature-form', 'short', { sig: 'ab' }],
    ['bad-signature-form', 'upper case', { sig: 'AB'.repeat(64) }],
    ['bad-signature-form', 'a number', { sig: 1 }],
  ])('refuses, %s: %s', (why, _name, change) => {
    expect(readTaskProof(canonicalBytes({ ...proof, ...change }))).toEqual({ ok: false, why });
    const { sig, ...bad } = { ...proof, ...change };
    if (sig === proof.sig) {
      expect(() => signTaskProof(bad as unknown as TaskClaim, secretKey, CHAIN_ID)).toThrow(RangeError);
    }
  });

  it('refuses what is no canonical JSON, lacks a member or is too large', () => {
    const text = new TextDecoder().decode(taskProofBytes(proof));
    const others = [
      '',
      '{',
      'null',
      '[]',
      ` ${text}`,
      text.replace('"slot":1000', '"slot":1e3'),
      `${text}\n`,
    ];
    const doubled = text.replace('"slot":1000', '"slot":1000,"slot":1001');
    for (const bad of [...others, doubled]) {
      expect(readTaskProof(utf8ToBytes(bad))).toEqual({ ok: false, why: 'not-canonical' });
    }
    for (const member of Object.keys(proof)) {
      const { [member]: _gone, ...rest } = proof as unknown as Record<string, unknown>;
      expect(readTaskProof(canonicalBytes(rest))).toEqual({ ok: false, why: 'wrong-members' });
    }
    expect(readTaskProof(new Uint8Array(1025).fill(0x5b))).toEqual({ ok: false, why: 'too-large' });
    expect(readTaskProof(new Uint8Array(1024).fill(0x5b))).toEqual({ ok: false, why: 'not-canonical' });
  });

  it('any bytes are a proof or a fault, never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8ToBytes)), (bytes) => {
        expect(readTaskProof(bytes).ok).toBe(false);
      }),
    );
  });

  it('is not signed by the key of another node', () => {
    expect(() => signTaskProof(claim, new Uint8Array(32).fill(8), CHAIN_ID)).toThrow(RangeError);
  });
});

describe('which proofs count', () => {
  const admission: Admission = {
    chainId: CHAIN_ID,
    acceptedAtSlot: SLOT,
    parameters: DEFAULT_PARAMETERS,
    registry: {
      isRegistered: (id) => id === nodeId,
      isMember: (pool, id) => pool === 'alpha' && id === nodeId,
    },
  };
  const judge = (change: Partial<TaskClaim>, at: Partial<Admission> = {}) =>
    judgeTaskProof(signTaskProof({ ...claim, ...change } as TaskClaim, secretKey, CHAIN_ID), {
      ...admission,
      ...at,
    });

  it.each<[AdmissionFault | null, string, Partial<TaskClaim>, Partial<Admission>]>([
    [null, 'in its slot', {}, {}],
    [null, 'in its pool', { poolId: 'alpha' }, {}],
    [null, 'two slots late', {}, { acceptedAtSlot: SLOT + 2 }],
    [null, 'signed a slot later', { ts: ts + 120_000 }, { acceptedAtSlot: SLOT + 1 }],
    ['too-late', 'three slots late', {}, { acceptedAtSlot: SLOT + 3 }],
    ['too-early', 'of the next slot', { slot: SLOT + 1, ts: ts + 120_000 }, {}],
    ['time-outside-slot', 'signed before its slot', { ts: ts - 2 }, {}],
    ['time-outside-slot', 'signed after the block', { ts: ts + 120_000 }, {}],
    ['uptime-beyond-slot', 'more seconds than the slot has', { value: { uptimeSeconds: 121 } }, {}],
    ['not-a-member', 'of a pool that does not list it', { poolId: 'beta' }, {}],
    [
      'not-registered',
      'of a stranger',
      {},
      { registry: { ...admission.registry, isRegistered: () => false } },
    ],
    ['wrong-signature', 'of another chain', {}, { chainId: 1 }],
  ])('%s: %s', (why, _name, change, at) => {
    expect(judge(change, at)).toBe(why);
  });

  it('one flipped bit of the signature is one too many', () => {
    const flipped = (Number.parseInt(proof.sig[0]!, 16) ^ 1).toString(16) + proof.sig.slice(1);
    expect(judgeTaskProof({ ...proof, sig: flipped }, admission)).toBe('wrong-signature');
  });
});
