// The layout of gcr.io/distroless/nodejs20-debian12, out of Debian's packages and Node's official binary: static, base, cc, node, each a
// layer. Read from https://github.com/GoogleContainerTools/distroless at 860a5a99a756, the last commit that built it.
// `slim` leaves out what Node never opens; `program` is as slim, with OpenSSL's libraries and without Node (on arm64 gconv alone has 20 MB).
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { lockedGroup, REFRESH, readLock } from './base-lock.mjs';
import { fetchByHash, ImageError } from './download.mjs';
import { directory, file, symlink } from './entries.mjs';
import { addToTree, createImage, createLayer, EPOCH } from './image.mjs';
import { readTar } from './tar.mjs';

/** @import { Deb } from './deb.mjs' */
/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Image, Settings } from './image.mjs' */

/** @typedef {'node' | 'slim' | 'program'} Variant */

/** Groups of the lock that bases are made of. */
export const baseGroups = ['static', 'certificates', 'libc', 'ssl', 'openmp', 'cc'];

/** @type {Record<string, string>} */
const VERSION_IDS = { bookworm: '12', trixie: '13' };

const NONROOT = { uid: 65_532, gid: 65_532 };

/** Users of the base by name: number, home. None can log in: the shell does not exist. */
export const USERS = {
  root: [0, '/root'],
  nobody: [65_534, '/nonexistent'],
  nonroot: [65_532, '/home/nonroot'],
};
export const GROUPS = { root: 0, nobody: 65_534, tty: 5, staff: 50, nonroot: 65_532 };

/** @type {(users: Record<string, readonly (number | string)[]>) => string} */
export const passwd = (users) =>
  Object.entries(users)
    .map(([name, [id, home]]) => `${name}:x:${id}:${id}:${name}:${home}:/sbin/nologin\n`)
    .join('');

/** @type {(groups: Record<string, number>) => string} */
export const group = (groups) =>
  Object.entries(groups)
    .map(([name, id]) => `${name}:x:${id}:\n`)
    .join('');

const NSSWITCH = `passwd:         compat
group:          compat
shadow:         compat
gshadow:        files

hosts:          files dns
networks:       files

protocols:      db files
services:       db files
ethers:         db files
rpc:            db files

netgroup:       nis
`;

/** @type {(release: string) => string} */
function osRelease(release) {
  const number = VERSION_IDS[release];
  const project = 'https://github.com/GoogleContainerTools/distroless';
  const lines = {
    PRETTY_NAME: 'Distroless',
    NAME: 'Debian GNU/Linux',
    ID: 'debian',
    VERSION_ID: number,
    VERSION: `Debian GNU/Linux ${number} (${release})`,
    HOME_URL: project,
    SUPPORT_URL: `${project}/blob/master/README.md`,
    BUG_REPORT_URL: `${project}/issues/new`,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
}

/** What is in the lowest layer besides packages. @type {(release: string, certificates: Deb) => Entry[]} */
function rootFiles(release, certificates) {
  const copyright = 'usr/share/doc/ca-certificates/copyright';
  const bundle = certificates.entries
    .filter(({ path }) => /^usr\/share\/ca-certificates\/.*\.crt$/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ data }) => data ?? Buffer.alloc(0));
  return [
    file('etc/passwd', passwd(USERS)),
    file('etc/group', group(GROUPS)),
    file('etc/nsswitch.conf', NSSWITCH),
    file('usr/lib/os-release', osRelease(release)),
    symlink('etc/os-release', '../usr/lib/os-release'),
    file('etc/ssl/certs/ca-certificates.crt', Buffer.concat(bundle)),
    ...certificates.entries.filter(({ path }) => path === copyright),
    directory('root', { mode: 0o700 }),
    directory('home'),
    directory('home/nonroot', { mode: 0o700, ...NONROOT }),
    directory('tmp', { mode: 0o1777 }),
  ];
}

/**
 * A package's files, and its entry in the list that scanners read.
 * @type {(deb: Deb) => Entry[]}
 */
export const packageEntries = ({ name, controlText, md5sums, entries }) => [
  ...entries,
  file(`var/lib/dpkg/status.d/${name}`, controlText),
  ...(md5sums ? [file(`var/lib/dpkg/status.d/${name}.md5sums`, md5sums)] : []),
];

/** Documents but copyrights, conversions between character sets, lint. @type {(entry: Entry) => boolean} */
const needed = ({ path, type }) =>
  !/^usr\/lib\/[^/]+\/gconv(\/|$)|^usr\/share\/(lintian|man|bug)(\/|$)/.test(path) &&
  !(type === 'file' && /^usr\/share\/doc\//.test(path) && !path.endsWith('/copyright'));

/** @type {(arch: Arch) => Promise<Entry[]>} */
async function nodeEntries(arch) {
  const { url, integrity } = readLock()[arch].node;
  const bytes = await fetchByHash({ url, hash: integrity, remedy: REFRESH });
  const files = new Map((await readTar(await promisify(gunzip)(bytes))).map((each) => [each.path, each]));
  const content = (/** @type {string} */ path) => {
    const data = files.get(path)?.data;
    if (!data) throw new ImageError(`${url} has no ${path}: npm's package of Node has another shape`);
    return data;
  };
  return [
    file('nodejs/bin/node', content('package/bin/node'), { mode: 0o755 }),
    file('nodejs/LICENSE', content('package/LICENSE')),
  ];
}

/** @typedef {{ debs: Deb[], files: Entry[], what?: string }} Part what becomes a layer */

/** Layers of a variant, lowest first. @type {(variant: Variant, arch: Arch) => Promise<Part[]>} */
async function partsOf(variant, arch) {
  const { release, node } = readLock();
  const debs = async (/** @type {string[]} */ ...groups) =>
    (await Promise.all(groups.map((each) => lockedGroup(arch, each)))).flat();
  const [certificates] = await debs('certificates');
  const slim = variant !== 'node';
  const parts = [
    {
      // ICU has its own time zones.
      debs: (await debs('static')).filter(({ name }) => !slim || !name.startsWith('tzdata')),
      files: rootFiles(release, /** @type {Deb} */ (certificates)),
    },
    { debs: slim ? await debs('libc') : await debs('libc', 'ssl'), files: [] },
  ];
  if (variant === 'program') return [...parts, { debs: await debs('ssl'), files: [] }];
  return [
    ...parts,
    { debs: slim ? await debs('cc') : await debs('openmp', 'cc'), files: [] },
    { debs: [], files: await nodeEntries(arch), what: `Node ${node}` },
  ];
}

/** @type {(variant: Variant) => Settings} */
const settingsOf = (variant) => ({
  User: String(NONROOT.uid),
  Env: [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
  ],
  ...(variant === 'program' ? {} : { Entrypoint: ['/nodejs/bin/node'] }),
  WorkingDir: '/home/nonroot',
});

/**
 * @param {Variant} variant
 * @param {Arch} arch
 * @returns {Promise<Image>} the same bytes every time
 */
export async function assembleDistroless(variant, arch) {
  /** @type {Pick<Image, 'layers' | 'history' | 'tree'>} */
  const { layers, history, tree } = { layers: [], history: [], tree: new Map() };
  for (const { debs, files, what } of await partsOf(variant, arch)) {
    const all = [...debs.flatMap(packageEntries), ...files];
    const entries = variant === 'node' ? all : all.filter(needed);
    layers.push(await createLayer(entries, tree));
    addToTree(tree, entries);
    const packages = debs.map(({ name, version }) => `${name} ${version}`).join(', ');
    history.push({ created: EPOCH, created_by: what ?? packages });
  }
  return createImage({ arch, settings: settingsOf(variant), history, layers, tree });
}
