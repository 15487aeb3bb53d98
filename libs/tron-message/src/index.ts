export {
  AddressError,
  type AddressErrorCode,
  addressToBytes,
  bytesToAddress,
  isAddress,
  secretKeyToAddress,
} from './address.ts';
export {
  type ExpectedSignIn,
  judgeSignIn,
  type LoginRefusal,
  type LoginVerdict,
  type SignInRefusal,
  verifySignIn,
} from './judge-sign-in.ts';
export { chainIdOfGenesis, type FieldFault, type SignInMessage } from './sign-in-fields.ts';
export {
  composeSignIn,
  type ParsedSignIn,
  parseSignIn,
  SIGN_IN_MAX_BYTES,
  SignInError,
  type SignInFault,
} from './sign-in-message.ts';
export {
  messageDigest,
  type RecoveredSigner,
  type RecoverSigner,
  recoverSigner,
  type SignatureFault,
  signMessage,
} from './signed-message.ts';
