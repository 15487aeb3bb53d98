// Signs transfers quickly: many are needed before the clock starts.
import { createRequire } from 'node:module';
import { RLP } from '@ethereumjs/rlp';
import { createKeccak } from 'hash-wasm';

const secp = createRequire(import.meta.url)('tiny-secp256k1');
const hasher = await createKeccak(256);
export const keccak = (bytes) => hasher.init().update(bytes).digest('binary');

export const secretOf = (index) => Buffer.from((index + 1).toString(16).padStart(64, '0'), 'hex');
export const addressOf = (secret) =>
  `0x${Buffer.from(keccak(secp.pointFromScalar(secret, false).subarray(1)).subarray(12)).toString('hex')}`;

/** A transaction of type 2, as 0x and hex; `to` is 0x for a creation. */
export function signTransfer({
  secret,
  chainId,
  nonce,
  to,
  maxFeePerGas,
  maxPriorityFeePerGas,
  value = 1,
  data = '0x',
  gas = 21_000,
}) {
  const fields = [chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gas, to, value, data, []];
  const digest = keccak(Buffer.concat([Buffer.of(2), RLP.encode(fields)]));
  const { signature, recoveryId } = secp.signRecoverable(digest, secret);
  const integer = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const signed = [...fields, recoveryId, integer(signature.subarray(0, 32)), integer(signature.subarray(32))];
  return `0x02${Buffer.from(RLP.encode(signed)).toString('hex')}`;
}
