/** Folders of CometBFT nodes of one network on the loopback interface: keys, genesis.json and config.toml. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NodeKeys {
  /** Public key, address of the validator, and both halves as CometBFT writes them: base64. */
  readonly validator: KeyPair;
  readonly node: KeyPair;
}

interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
  /** First 20 bytes of the public key's SHA-256, lower-case hex. */
  readonly address: string;
}

function createKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  const [seed, point] = [d!, x!].map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer];
  return {
    publicKey: point.toString('base64'),
    secretKey: Buffer.concat([seed, point]).toString('base64'),
    address: createHash('sha256').update(point).digest('hex').slice(0, 40),
  };
}

export const createNodeKeys = (): NodeKeys => ({ validator: createKeyPair(), node: createKeyPair() });

const typed = (kind: 'PubKey' | 'PrivKey', value: string) => ({ type: `tendermint/${kind}Ed25519`, value });

/** Of a network whose chain begins on `block`. */
export const cometGenesis = (validators: readonly NodeKeys[], block: string): string =>
  JSON.stringify({
    genesis_time: new Date().toISOString(),
    chain_id: 'lucid_blocks',
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: '1100000', max_gas: '60000000' },
      evidence: { max_age_num_blocks: '100000', max_age_duration: '172800000000000', max_bytes: '1048576' },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '1' },
      abci: { vote_extensions_enable_height: '0' },
    },
    validators: validators.map(({ validator }, index) => ({
      address: validator.address.toUpperCase(),
      pub_key: typed('PubKey', validator.publicKey),
      power: '10',
      name: `validator-${index}`,
    })),
    app_hash: '',
    app_state: { block },
  });

export interface StateSync {
  readonly rpcPorts: readonly number[];
  readonly trustHeight: number;
  readonly trustHash: string;
}

export interface HomeOptions {
  readonly folder: string;
  readonly keys: NodeKeys;
  readonly genesis: string;
  readonly rpcPort: number;
  readonly p2pPort: number;
  readonly peers: readonly { readonly keys: NodeKeys; readonly p2pPort: number }[];
  readonly stateSync?: StateSync;
}

const quoted = (text: string): string => JSON.stringify(text);

const stateSyncLines = ({ rpcPorts, trustHeight, trustHash }: StateSync): string[] => [
  '[statesync]',
  'enable = true',
  `rpc_servers = ${quoted(rpcPorts.map((port) => `http://127.0.0.1:${port}`).join(','))}`,
  `trust_height = ${trustHeight}`,
  `trust_hash = ${quoted(trustHash)}`,
  'trust_period = "1h"',
  'discovery_time = "5s"',
];

/** What is not set has CometBFT's default. Rounds are short: the machine is one, and the tests wait for them. */
const config = ({ folder, rpcPort, p2pPort, peers, stateSync }: HomeOptions): string =>
  [
    `proxy_app = ${quoted(`unix://${join(folder, 'app.sock')}`)}`,
    'abci = "socket"',
    'log_level = "error"',
    '[rpc]',
    `laddr = "tcp://127.0.0.1:${rpcPort}"`,
    'pprof_laddr = ""',
    '[p2p]',
    `laddr = "tcp://127.0.0.1:${p2pPort}"`,
    `persistent_peers = ${quoted(peers.map((peer) => `${peer.keys.node.address}@127.0.0.1:${peer.p2pPort}`).join(','))}`,
    'persistent_peers_max_dial_period = "1s"',
    'addr_book_strict = false',
    'allow_duplicate_ip = true',
    'pex = false',
    '[consensus]',
    'timeout_propose = "1s"',
    'timeout_commit = "300ms"',
    'create_empty_blocks = false',
    'create_empty_blocks_interval = "120s"',
    ...(stateSync === undefined ? [] : stateSyncLines(stateSync)),
    '',
  ].join('\n');

export function writeHome(options: HomeOptions): void {
  const { folder, keys, genesis } = options;
  const home = join(folder, 'cometbft');
  mkdirSync(join(home, 'config'), { recursive: true, mode: 0o700 });
  mkdirSync(join(home, 'data'), { recursive: true });
  const put = (path: string, text: string) => writeFileSync(join(home, path), text, { mode: 0o600 });
  put('config/genesis.json', genesis);
  put('config/config.toml', config(options));
  put('config/node_key.json', JSON.stringify({ priv_key: typed('PrivKey', keys.node.secretKey) }));
  put(
    'config/priv_validator_key.json',
    JSON.stringify({
      address: keys.validator.address.toUpperCase(),
      pub_key: typed('PubKey', keys.validator.publicKey),
      priv_key: typed('PrivKey', keys.validator.secretKey),
    }),
  );
  put('data/priv_validator_state.json', JSON.stringify({ height: '0', round: 0, step: 0 }));
}
