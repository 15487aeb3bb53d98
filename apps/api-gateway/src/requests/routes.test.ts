import { authenticationContract, gatewayPublic, gatewayRoutes, type OperationSpec } from '@lucid/contracts';
import { createRouter } from './routes.ts';

const router = createRouter(gatewayRoutes, gatewayPublic);

test("what is open without a token are authentication's public operations among the routed paths, no more and no less", () => {
  const { basePath, operations } = authenticationContract;
  const own = Object.values<OperationSpec>(operations)
    .filter(({ callers }) => callers.includes('public'))
    .map(({ method, path }) => ({ method, path: basePath + path }))
    .filter(({ path }) => router.find(path)?.service === 'authentication');
  const open = gatewayPublic.map(({ method, path }) => {
    const route = router.find(path);
    return { method, path: route?.forwardAs ?? path, service: route?.service };
  });
  const named = (each: { method: string; path: string }) => `${each.method} ${each.path}`;
  expect(new Set(open.map(named))).toEqual(new Set(own.map(named)));
  expect(open.every(({ service }) => service === 'authentication')).toBe(true);
  expect(own.length).toBeGreaterThan(0);
});

test.each([
  ['/api/v1/sessions', 'session-api'],
  ['/api/v1/sessions/x', 'session-api'],
  ['/api/v1/sessionsx', undefined],
  ['/openapi.json', 'openapi-gateway'],
  ['/openapi.json/x', undefined],
  ['/.well-known/jwks.json/x', undefined],
])('%s belongs to %s', (path, service) => {
  expect(router.find(path)?.service).toBe(service);
});
