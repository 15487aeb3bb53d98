/** What session-encryptor reads from the environment. */
import { parseVerifierKey } from '@lucid/checkpoint';
import { ConfigError, secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const EncryptorConfig = Type.Object({
  LUCID_RECORDER_VERIFIER_KEY: Type.String({
    minLength: 1,
    maxLength: 1024,
    description: 'verifier key of the recorder in note format: NAME+HEX+BASE64',
  }),
  LUCID_SOFTWARE: Type.String({
    default: 'lucid/0.1.0',
    minLength: 1,
    maxLength: 255,
    description: 'what record 0 names as its software',
  }),
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'document store' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  LUCID_CHUNKS_URL: Type.Optional(secret(Type.String({ description: 'chunk store' }))),
  LUCID_S3_ACCESS_KEY: Type.Optional(secret(Type.String({ description: 'where chunks are kept at s3:' }))),
  LUCID_S3_SECRET_KEY: Type.Optional(secret(Type.String({ description: 'where chunks are kept at s3:' }))),
});
export type EncryptorConfig = Static<typeof EncryptorConfig>;

/** A wrong verifier key would stand in record 0 of every session, so it is judged at start. @throws ConfigError */
export function recorderVerifierKey(config: EncryptorConfig): string {
  try {
    parseVerifierKey(config.LUCID_RECORDER_VERIFIER_KEY);
    return config.LUCID_RECORDER_VERIFIER_KEY;
  } catch {
    const variable = 'LUCID_RECORDER_VERIFIER_KEY';
    const expected = 'a verifier key in note format: NAME+HEX+BASE64';
    throw new ConfigError('session-encryptor', [{ variable, expected, hint: `set ${variable}` }]);
  }
}
