/** Every contract there is, and which services this one can ask. */

import { type ContractSpec, openapiGatewayContract, openapiServerContract } from '@lucid/contracts';
import { everyContract } from '@lucid/contracts/every';
import { services } from '@lucid/topology';

export const contracts: readonly ContractSpec[] = [...everyContract].sort((left, right) =>
  left.service < right.service ? -1 : 1,
);

const places: Readonly<Record<string, { readonly networks: readonly string[] }>> = services;

/** This service itself, and its front, which answers nothing but what this service gives it. */
const notAsked: ReadonlySet<string> = new Set([
  openapiServerContract.service,
  openapiGatewayContract.service,
]);

/** On the main network, as this service is. */
export const servicesToAsk: readonly string[] = contracts
  .map(({ service }) => service)
  .filter((service) => !notAsked.has(service) && places[service]?.networks.includes('main'));
