/** Clocks of the stores, by their own protocols, and what their refusals mean. */
import { jobErrors } from '@lucid/contracts';
import { connect } from '@lucid/rate-limit-redis';
import { type BackupDatabase, BackupStoreError } from '@lucid/store-mongo/backup';
import { FindingError } from './network-fault.ts';

/** Milliseconds since 1970. */
export type ReadTime = (signal: AbortSignal) => Promise<number>;

/** What the document store answers; its failures in words. @throws FindingError */
export async function fromStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BackupStoreError)) throw error;
    const [found = '', advice] = jobErrors[error.code].title.split('; ');
    const told = { outcome: 'failed' as const, found: `${found}.`, facts: { error: error.code } };
    throw new FindingError({ ...told, advice: advice && sentence(advice) }, { cause: error });
  }
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

export const mongoTime =
  (database: BackupDatabase): ReadTime =>
  () =>
    fromStore(() => database.nowMs());

/** A connection each time; one that cannot be made says why. @throws FindingError */
export const redisTime =
  (url: string, timeoutMs: number): ReadTime =>
  async (signal) => {
    const redis = connect({ url, timeoutMs });
    const stop = () => redis.disconnect();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    } catch (error) {
      throw new FindingError(redisFinding(error as Error), { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
      redis.disconnect();
    }
  };

const redisFinding = ({ name, message }: Error) =>
  name === 'ReplyError' && /^(?:NOAUTH|WRONGPASS|NOPERM)/.test(message)
    ? {
        outcome: 'failed' as const,
        found: 'It refuses the user or the password in REDIS_URL.',
        advice: 'Correct the secret.',
        facts: { error: message.split(' ')[0] ?? name },
      }
    : {
        outcome: 'failed' as const,
        found: 'It does not answer.',
        advice: 'Look at /diag/tcp and the log of redis.',
        facts: { error: name },
      };
