import { Targets } from './targets.ts';

const at = (origin: string, socketPath?: string) =>
  new Targets('blockchain-ledger,session-api', () => ({ origin, ...(socketPath ? { socketPath } : {}) }));
const addressOf = (targets: Targets, service: string) => {
  try {
    return targets.addressOf(service);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it('a service is where the topology has it, on a network that tor-proxy is on', () => {
  const none = new Targets('blockchain-ledger,session-api', () => null);
  expect(addressOf(none, 'api-gateway')).toEqual({ host: '172.20.0.10', port: 8080 });
  expect(addressOf(none, 'session-api')).toEqual({ host: '172.20.0.20', port: 8087 });
  expect(addressOf(none, 'blockchain-ledger')).toEqual({ host: '172.22.0.38', port: 8086 });
  expect(addressOf(at('http://api-gateway:8080'), 'api-gateway')).toEqual({
    host: '172.20.0.10',
    port: 8080,
  });
  expect(addressOf(none, 'merkle-builder')).toBe('target_refused');
});

it('or where the environment has it', () => {
  expect(addressOf(at('http://127.0.0.1:8443'), 'api-gateway')).toEqual({ host: '127.0.0.1', port: 8443 });
  expect(addressOf(at('https://[::1]:8443'), 'api-gateway')).toEqual({ host: '::1', port: 8443 });
  expect(addressOf(at('http://127.0.0.1'), 'api-gateway')).toEqual({ host: '127.0.0.1', port: 80 });
  expect(addressOf(at('https://127.0.0.1'), 'api-gateway')).toEqual({ host: '127.0.0.1', port: 443 });
});
