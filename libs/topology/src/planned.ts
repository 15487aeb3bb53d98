/** Places that are taken by services to come. A service that is built moves from here to `services.ts`. */
import type { Service } from './service.ts';

type Planned = Pick<
  Service,
  'octet' | 'networks' | 'containerPort' | 'hostPort' | 'otherPorts' | 'layer' | 'plane' | 'profile'
>;

const planned = (
  octet: number,
  networks: Planned['networks'],
  containerPort: number,
  rest: Omit<Planned, 'octet' | 'networks' | 'containerPort' | 'hostPort'> & { hostPort?: number },
): Planned => ({ octet, networks, containerPort, hostPort: containerPort, ...rest });

const RDP = { layer: 2, plane: 'rdp', profile: 'rdp-server' } as const;
const WALLET = { layer: 3, plane: 'wallet' } as const;
const GUI = { layer: 3, plane: 'gui' } as const;

export const plannedServices = {
  'rdp-server-manager': planned(21, ['main', 'rdp'], 8104, RDP),
  'xrdp-integration': planned(22, ['rdp'], 8105, { ...RDP, otherPorts: { rdp: 3389 } }),
  'rdp-session-controller': planned(23, ['main', 'rdp'], 8106, RDP),
  'rdp-resource-monitor': planned(24, ['main', 'rdp'], 8107, RDP),
  'node-management': planned(25, ['main'], 8092, { layer: 2, plane: 'ops' }),
  'admin-ui': planned(26, ['main'], 8098, { layer: 2, plane: 'ops', profile: 'admin' }),
  'tron-node-client': planned(27, ['wallet'], 8095, WALLET),
  'payout-router': planned(28, ['wallet'], 8108, WALLET),
  'wallet-manager': planned(29, ['main', 'wallet'], 8096, WALLET),
  'usdt-manager': planned(30, ['wallet'], 8109, WALLET),
  'trx-staking': planned(31, ['wallet'], 8110, WALLET),
  'payment-gateway': planned(32, ['main', 'wallet'], 8099, WALLET),
  'session-host-manager': planned(44, ['main', 'rdp'], 8102, RDP),
  'tron-payment': planned(51, ['wallet'], 8082, { ...WALLET, hostPort: 8182 }),
  'electron-gui-admin': planned(100, ['main'], 3000, GUI),
  'electron-gui-user': planned(101, ['main'], 3001, GUI),
  'electron-gui-node': planned(102, ['main'], 3002, GUI),
} as const satisfies Record<string, Planned>;
