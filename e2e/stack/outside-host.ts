/** Another machine on this one's local network: a network namespace behind a cable, with a listening port. Needs root and ip. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const SPACE = 'lucid-outside';
const CABLE = 'lucid-out';
/** TEST-NET-2 of RFC 5737. */
const HERE = '198.51.100.1';
export const OUTSIDE = { host: '198.51.100.7', port: 80 } as const;
const SERVER = `require('node:net').createServer((s) => s.end()).listen(${OUTSIDE.port}, '0.0.0.0', () => console.log('listens'));`;

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });

export class OutsideHost {
  #server: ChildProcess | null = null;

  /** It sends answers back through this machine, wherever they go: the neighbour that helps most to get out. */
  async start(): Promise<void> {
    spawnSync('ip', ['netns', 'del', SPACE]);
    ip('netns', 'add', SPACE);
    ip('link', 'add', CABLE, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', SPACE);
    ip('addr', 'add', `${HERE}/24`, 'dev', CABLE);
    ip('link', 'set', CABLE, 'up');
    ip('-n', SPACE, 'addr', 'add', `${OUTSIDE.host}/24`, 'dev', 'eth0');
    ip('-n', SPACE, 'link', 'set', 'eth0', 'up');
    ip('-n', SPACE, 'route', 'add', 'default', 'via', HERE);
    this.#server = spawn('ip', ['netns', 'exec', SPACE, process.execPath, '-e', SERVER]);
    await once(this.#server.stdout as NodeJS.ReadableStream, 'data');
  }

  stop(): void {
    this.#server?.kill('SIGKILL');
    spawnSync('ip', ['netns', 'del', SPACE]);
  }
}
