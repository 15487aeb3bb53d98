export { addressOn, type Network, type NetworkName, networks, subnetOf } from './networks.ts';
export { plannedServices } from './planned.ts';
export type { Image, Limits, Plane, Profile, Service, WithLayer } from './service.ts';
export {
  type AppName,
  appNames,
  type ServiceName,
  serviceAt,
  serviceNames,
  services,
  serviceWithLayers,
} from './services.ts';
