/** A fingerprint of documents that is the same whatever their order: the sum of their SHA-256, modulo 2^256. It finds what a server lost or changed, not who meant to deceive. */
import { createHash } from 'node:crypto';

const MODULUS = 1n << 256n;
const HEX_DIGITS = 64;

export class ContentSum {
  #sum = 0n;
  #documents = 0;
  #bytes = 0;

  add(document: Uint8Array): void {
    const hash = BigInt(`0x${createHash('sha256').update(document).digest('hex')}`);
    this.#sum = (this.#sum + hash) % MODULUS;
    this.#documents += 1;
    this.#bytes += document.length;
  }

  get documents(): number {
    return this.#documents;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Lower-case hex, 64 digits. */
  get hex(): string {
    return this.#sum.toString(16).padStart(HEX_DIGITS, '0');
  }
}
