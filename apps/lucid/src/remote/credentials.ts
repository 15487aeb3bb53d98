/**
 * Where this user is signed in: one file, mode 0600, of the logins at each host. It holds secrets: a refresh token is worth a login.
 * Refreshing takes the folder's lock, because a refresh token that is used twice ends its login.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { layoutOf } from '../host/home.ts';
import { takeHomeLock } from '../host/home-lock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface StoredLogin {
  readonly address: string;
  readonly accessToken: string;
  /** Seconds since the Unix epoch. */
  readonly accessExpiresAt: number;
  readonly refreshToken: string;
}

export interface KnownHost {
  /** SHA-256 of the certificate that was trusted, where no authority vouches for it; hex. */
  readonly certificateSha256?: string;
  readonly login?: StoredLogin;
}

interface CredentialsFile {
  readonly format: 1;
  readonly hosts: Readonly<Record<string, KnownHost>>;
}

const isKnownHost = (value: KnownHost | null): boolean => {
  const { certificateSha256 = '', login } = value as KnownHost;
  if (typeof certificateSha256 !== 'string') return false;
  if (login === undefined) return true;
  const { address, accessToken, refreshToken, accessExpiresAt } = login;
  const texts = [address, accessToken, refreshToken];
  return texts.every((each) => typeof each === 'string') && Number.isFinite(accessExpiresAt);
};

const LOCK_WAIT_MS = 15_000;

/** LUCID_CONFIG, else the XDG configuration folder (basedir-spec: XDG_CONFIG_HOME, default ~/.config). */
export const configFolder = (env: Environment): string =>
  env.LUCID_CONFIG
    ? resolve(env.LUCID_CONFIG)
    : join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'lucid');

export class Credentials {
  readonly folder: string;
  readonly #path: string;

  constructor(env: Environment) {
    this.folder = configFolder(env);
    this.#path = join(this.folder, 'credentials.json');
  }

  /** @throws CliError credentials_damaged */
  of(origin: string): KnownHost {
    return this.#read().hosts[origin] ?? {};
  }

  origins(): readonly string[] {
    return Object.keys(this.#read().hosts);
  }

  /** Changes what is kept of a host, while no other command does. `change` may ask the host. */
  async update(
    origin: string,
    change: (known: KnownHost) => KnownHost | Promise<KnownHost>,
  ): Promise<KnownHost> {
    makeFolder(this.folder);
    const place = { ...layoutOf(this.folder), run: this.folder };
    const lock = await takeHomeLock(place, LOCK_WAIT_MS).catch((cause: unknown) => {
      throw new CliError('credentials_damaged', `another command holds ${this.folder}; wait for it to end.`, {
        cause,
      });
    });
    try {
      const file = this.#read();
      const next = await change(file.hosts[origin] ?? {});
      const { [origin]: _before, ...others } = file.hosts;
      const kept = next.login || next.certificateSha256 ? { ...others, [origin]: next } : others;
      this.#write({ format: 1, hosts: kept });
      return next;
    } finally {
      lock.release();
    }
  }

  #read(): CredentialsFile {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { format: 1, hosts: {} };
      throw this.#damaged(plainReason(error), error);
    }
    try {
      const value = JSON.parse(text) as CredentialsFile;
      if (value.format === 1 && Object.values(value.hosts).every(isKnownHost)) return value;
      throw new TypeError('it is of another format');
    } catch (error) {
      throw this.#damaged('it does not hold what it should', error);
    }
  }

  #damaged(why: string, cause: unknown): CliError {
    return new CliError(
      'credentials_damaged',
      `the logins in ${this.#path} cannot be read: ${why}. Remove the file and sign in again.`,
      { cause },
    );
  }

  #write(file: CredentialsFile): void {
    const aside = `${this.#path}.new`;
    try {
      const fd = openSync(aside, 'w', 0o600);
      try {
        chmodSync(aside, 0o600);
        writeSync(fd, `${JSON.stringify(file, null, 2)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(aside, this.#path);
    } catch (error) {
      throw new CliError('target_unwritable', `${this.#path} cannot be written: ${plainReason(error)}.`, {
        cause: error,
      });
    }
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CliError('target_unwritable', `${path} cannot be made: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}
