/** The three GUIs' profiles (programs sign in for one of them too), and which services each reaches from outside. */
import type { Role } from './permissions.ts';

export const PROFILES = ['admin', 'user', 'node'] as const;
export type Profile = (typeof PROFILES)[number];

/** Which roles may sign in for a profile. */
export const PROFILE_ROLES: Readonly<Record<Profile, ReadonlySet<Role>>> = {
  admin: new Set<Role>(['ADMIN', 'SUPER_ADMIN']),
  user: new Set<Role>(['OBSERVER', 'USER', 'NODE_OPERATOR', 'ADMIN', 'SUPER_ADMIN']),
  node: new Set<Role>(['NODE_OPERATOR', 'ADMIN', 'SUPER_ADMIN']),
};

/** Services that user and node operator reach besides the gateway itself; the administrator's profile reaches every one. */
const common = ['authentication', 'api-server', 'openapi-gateway', 'openapi-server'] as const;

const REACH: Readonly<Record<Exclude<Profile, 'admin'>, ReadonlySet<string>>> = {
  user: new Set<string>([...common, 'session-api', 'blockchain-api', 'wallet-manager', 'payment-gateway']),
  node: new Set<string>([
    ...common,
    'blockchain-api',
    'node-management',
    'wallet-manager',
    'payment-gateway',
  ]),
};

/** Whether a profile reaches a service through the gateway, whatever its token permits there. */
export const reaches = (profile: Profile, service: string): boolean =>
  profile === 'admin' || REACH[profile].has(service);

/** Whether each of them reaches it: of a token's profile and its sender's, the narrower decides. */
export const reachesAll = (profiles: readonly Profile[], service: string): boolean =>
  profiles.every((profile) => reaches(profile, service));

/** Last octet of each GUI's address on the main network; the gateway holds requests from there to that profile. */
export const PROFILE_OCTETS: Readonly<Record<Profile, number>> = { admin: 100, user: 101, node: 102 };
