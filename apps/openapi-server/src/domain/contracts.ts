/** Every contract there is, and which services this one can ask. */

import type { ContractSpec } from '@lucid/contracts';
import * as exported from '@lucid/contracts';
import { services } from '@lucid/topology';

const isContract = (each: unknown): each is ContractSpec =>
  typeof each === 'object' && each !== null && 'service' in each && 'operations' in each;

export const contracts: readonly ContractSpec[] = Object.values<unknown>(exported)
  .filter(isContract)
  .sort((left, right) => (left.service < right.service ? -1 : 1));

const places: Readonly<Record<string, { readonly networks: readonly string[] }>> = services;

/** This service itself, and its front, which answers nothing but what this service gives it. */
const notAsked: ReadonlySet<string> = new Set([
  exported.openapiServerContract.service,
  exported.openapiGatewayContract.service,
]);

/** On the main network, as this service is. */
export const servicesToAsk: readonly string[] = contracts
  .map(({ service }) => service)
  .filter((service) => !notAsked.has(service) && places[service]?.networks.includes('main'));
