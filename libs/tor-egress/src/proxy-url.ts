/** `socks5://HOST:PORT` of the Tor proxy, as configuration has it. */

export interface ProxyPlace {
  readonly host: string;
  readonly port: number;
}

/** Names are sent to the proxy whichever of `socks5:` and `socks5h:` is written. @throws TypeError; it quotes nothing */
export function parseProxyUrl(text: string): ProxyPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const place = url && /^socks5h?:$/.test(url.protocol) && (url.pathname === '' || url.pathname === '/');
  if (!url || !place || url.hostname === '' || url.port === '' || url.port === '0')
    throw new TypeError('a Tor proxy is written socks5://HOST:PORT');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError(
      'a Tor proxy is written socks5://HOST:PORT, without user name, query or anything else',
    );
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
}
