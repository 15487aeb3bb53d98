/** The part of the package that a thread needs which recovers senders: it loads no EVM. */
export { loadCrypto } from './crypto.ts';
export { recoverSender } from './decode-transaction.ts';
