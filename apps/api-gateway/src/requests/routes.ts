/** Which service a path belongs to. */
import type { GatewayRoute, PublicLimit, PublicOperation } from '@lucid/contracts';

export interface Router {
  /** Null where there is nothing. */
  find(path: string): GatewayRoute | null;
  /** Null where a token is needed. */
  publicLimit(method: string, path: string): PublicLimit | null;
}

export function createRouter(routes: readonly GatewayRoute[], open: readonly PublicOperation[]): Router {
  const longestFirst = [...routes].sort((a, b) => b.prefix.length - a.prefix.length);
  const limits = new Map(open.map(({ method, path, limit }) => [`${method} ${path}`, limit]));
  const fits = ({ prefix, exact }: GatewayRoute, path: string): boolean =>
    path.startsWith(prefix) &&
    (path.length === prefix.length || (!exact && path.charCodeAt(prefix.length) === 0x2f));
  return {
    find: (path) => longestFirst.find((each) => fits(each, path)) ?? null,
    publicLimit: (method, path) => limits.get(`${method} ${path}`) ?? null,
  };
}
