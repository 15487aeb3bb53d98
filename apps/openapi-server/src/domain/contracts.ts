/** Every contract there is, and which services this one can ask. */
import * as exported from '@lucid/contracts';
import { type ContractSpec, topology } from '@lucid/contracts';

const isContract = (each: unknown): each is ContractSpec =>
  typeof each === 'object' && each !== null && 'service' in each && 'operations' in each;

export const contracts: readonly ContractSpec[] = Object.values<unknown>(exported)
  .filter(isContract)
  .sort((left, right) => (left.service < right.service ? -1 : 1));

const places: Readonly<Record<string, { readonly networks: readonly string[] }>> = topology;

/** This service itself, and its front, which answers nothing but what this service gives it. */
const notAsked: ReadonlySet<string> = new Set([
  exported.openapiServerContract.service,
  exported.openapiGatewayContract.service,
]);

/** On the main network, as this service is. */
export const servicesToAsk: readonly string[] = contracts
  .map(({ service }) => service)
  .filter((service) => !notAsked.has(service) && places[service]?.networks.includes('M'));
