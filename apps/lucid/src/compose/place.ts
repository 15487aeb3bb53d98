/** Which compose file is meant, and where its secrets are. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../cli/cli-error.ts';
import { checkout } from './checkout.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ComposeOptions {
  /** A file of ours, by its layer. */
  readonly layer?: string;
  /** Another compose file. */
  readonly file?: string;
  /** Only these; default those of the settings. */
  readonly profile?: readonly string[];
}

export interface ComposePlace {
  readonly file: string;
  /** The compose folder of this repository: what is missing there can be made. */
  readonly ours: boolean;
  readonly secrets: string;
  /** Its settings; may be missing. */
  readonly envFile: string;
  /** A setting: of the environment, else of .env beside the file. */
  setting(name: string): string | undefined;
}

/** Of .env: NAME=VALUE, the value perhaps in quotes. */
function readSettings(path: string): ReadonlyMap<string, string> {
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name && value !== undefined ? [[name, value.replace(/^(['"])(.*)\1$/, '$2')] as const] : [];
    }),
  );
}

function fileOf(folder: string, { layer, file }: ComposeOptions): string {
  if (layer !== undefined && file !== undefined)
    throw new CliError('usage', '--layer and --file name the same thing; give one of them');
  if (file !== undefined) return resolve(file);
  return join(folder, layer === undefined ? 'lucid.yaml' : `layer${layer}.yaml`);
}

/** @throws CliError usage where there is no such file */
export function findComposePlace(env: Environment, options: ComposeOptions): ComposePlace {
  const ourFolder = join(checkout(), 'compose');
  const file = fileOf(ourFolder, options);
  if (!existsSync(file))
    throw new CliError(
      'usage',
      options.layer === undefined
        ? `there is no compose file ${file}`
        : `--layer ${options.layer}: there is no such layer; layers are the files layer0.yaml, layer1.yaml and so on in ${ourFolder}`,
    );
  const folder = dirname(file);
  const envFile = join(folder, '.env');
  const settings = readSettings(envFile);
  const setting = (name: string) => env[name] || settings.get(name) || undefined;
  return {
    file,
    envFile,
    ours: folder === ourFolder,
    setting,
    secrets: resolve(folder, setting('LUCID_SECRETS') ?? 'secrets'),
  };
}
