/** Are the rules of ops/firewall loaded? Only root can tell. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Check, ok, warn } from '../commands/doctor-machine.ts';
import { checkout } from './checkout.ts';

const load = (): string => `sudo nft -f ${join(checkout(), 'ops/firewall/lucid.nft')}`;

export function checkFirewall(): Check {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return ok('firewall', `not looked at, which takes root; its rules are loaded by: ${load()}`);
  const { status, error } = spawnSync('nft', ['list', 'table', 'inet', 'lucid'], { stdio: 'ignore' });
  if (error) return warn('firewall', 'there is no program nft', 'Install nftables, then load the rules.');
  return status === 0
    ? ok('firewall', 'its rules are loaded')
    : warn(
        'firewall',
        'its rules are not loaded: containers reach the ports of this machine',
        `Load them: ${load()}`,
      );
}
