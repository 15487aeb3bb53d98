export type { ControlCredentials } from './authentication.ts';
export type { ConnectionOptions, ControlPlace } from './control-connection.ts';
export { isTorControlError, TorControlError, type TorControlErrorCode } from './control-error.ts';
export { ControlLink, type ControlLinkOptions } from './control-link.ts';
export {
  base32ToBytes,
  bytesToBase32,
  type ClientKeyPair,
  clientKeyPairOf,
  createClientKeyPair,
  isClientPublicKey,
  isServiceId,
  type OnionKey,
  onionKeyOf,
  serviceIdOf,
} from './onion-address.ts';
export type { HeldClientKey, OnionClientKey } from './onion-client-auth.ts';
export type { AddedOnion, NewOnion, OnionPort } from './onion-commands.ts';
export { type ProtocolInfo, readProtocolInfo } from './protocol-info.ts';
export {
  type BootstrapPhase,
  type Circuit,
  type DescriptorEvent,
  openTorControl,
  type TorControl,
  type TorControlOptions,
} from './tor-control.ts';
