import { defineContract } from './contract.ts';

/** It answers nothing of its own but health; what may go through it is said by `gatewayRoutes`. */
export const apiGatewayContract = defineContract({
  service: 'api-gateway',
  version: '1.0.0',
  summary: 'The one door: judges requests, tokens and limits, and passes on what may go through.',
  basePath: '/api/v1',
  errors: {
    uri_too_long: { status: 414, title: 'The address of the request is too long.' },
    misdirected: { status: 421, title: 'The request names a host that is not this one.' },
    version_not_supported: { status: 505, title: 'HTTP/1.1 or HTTP/2 is needed.' },
  },
  operations: {},
});
