export { EgressError, type EgressErrorCode, egressErrors, isEgressError } from './egress-error.ts';
export { type ProxyPlace, parseProxyUrl } from './proxy-url.ts';
export { outsideUrl } from './target.ts';
export {
  createTorEgress,
  type EgressAnswer,
  type EgressRequest,
  type TorEgress,
  type TorEgressOptions,
} from './tor-egress.ts';
