/** Where people sign in: URIs that a sign-in message may name, and the domain that belongs to each. */
import { ConfigError } from '@lucid/service-kit';
import { composeSignIn, SignInError } from '@lucid/tron-message';

export interface Origin {
  readonly domain: string;
  readonly uri: string;
}

const ANY_ADDRESS = 'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8';

function originOf(uri: string): Origin {
  const domain = /^https?:\/\/([^/?#]+)/.exec(uri)?.[1] ?? '';
  // The message's own grammar judges both.
  composeSignIn({
    ...{ domain, uri, address: ANY_ADDRESS, chainId: '0x00000000', nonce: '00000000', issuedAtMs: 0 },
  });
  return { domain, uri };
}

/** The first is the default. @throws ConfigError */
export function parseOrigins(text: string): readonly Origin[] {
  try {
    return text.split(',').map((each) => originOf(each.trim()));
  } catch (cause) {
    if (!(cause instanceof SignInError)) throw cause;
    const fault = {
      variable: 'AUTH_URI',
      expected: 'http or https addresses with commas between them',
      hint: 'write them as an address bar shows them, in lower case',
    };
    throw Object.assign(new ConfigError('authentication', [fault]), { cause });
  }
}
