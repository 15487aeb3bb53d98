/**
 * Where a store is, as a configuration says it: a path or URL. Secrets need not be in it; no error ever quotes it,
 * since a URL may hold a password all the same.
 */
import { fileURLToPath } from 'node:url';

type StorePlace =
  /** A path, or `file:///…`. */
  | { readonly scheme: 'file'; readonly path: string }
  /** Lost when the process ends. */
  | { readonly scheme: 'memory' }
  /** Handed to the driver as it is; `mongodb+srv:` too. */
  | { readonly scheme: 'mongodb'; readonly url: string }
  /** `rediss:` too. */
  | { readonly scheme: 'redis'; readonly url: string }
  | S3Place;

/** `s3://BUCKET/PREFIX?region=…&endpoint=…&pathStyle=true`; keys come beside it. */
export interface S3Place {
  readonly scheme: 's3';
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
}

type StoreScheme = StorePlace['scheme'];

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const S3_PARAMETERS = new Set(['region', 'endpoint', 'pathStyle']);

function parseS3(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '')
    throw new RangeError('an s3 location must be s3://BUCKET or s3://BUCKET/PREFIX');
  if (url.username !== '' || url.password !== '') {
    throw new RangeError('an s3 location must not hold keys; configure them beside it');
  }
  for (const name of url.searchParams.keys()) {
    if (!S3_PARAMETERS.has(name)) throw new RangeError(`an s3 location has no parameter ${name}`);
  }
  const prefix = decodeURIComponent(url.pathname).replace(/^\//, '');
  const endpoint = url.searchParams.get('endpoint');
  const pathStyle = url.searchParams.get('pathStyle');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false') {
    throw new RangeError('pathStyle of an s3 location must be true or false');
  }
  return {
    scheme: 's3',
    bucket: url.hostname,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    ...(endpoint === null ? {} : { endpoint }),
    ...(pathStyle === null ? {} : { pathStyle: pathStyle === 'true' }),
  };
}

/** @throws RangeError for an empty location, an unknown scheme or a malformed one */
export function parseStoreUrl(text: string): StorePlace {
  if (text === '') throw new RangeError('a store location must not be empty');
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { scheme: 'file', path: text };
    case 'file':
      return { scheme: 'file', path: fileURLToPath(text) };
    case 'memory':
      return { scheme: 'memory' };
    case 'mongodb':
    case 'mongodb+srv':
      return { scheme: 'mongodb', url: text };
    case 'redis':
    case 'rediss':
      return { scheme: 'redis', url: text };
    case 's3':
      return parseS3(text);
    default:
      throw new RangeError(`no store speaks ${scheme}:`);
  }
}

/** For a scheme that this kind of store has no adapter for. */
export function refuseScheme(what: string, place: StorePlace, known: readonly StoreScheme[]): never {
  throw new RangeError(
    `${what} cannot be kept at ${place.scheme}: locations; use one of ${known.join(', ')}`,
  );
}
