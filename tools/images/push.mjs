// node tools/images/push.mjs [NAME …]: pushes images for amd64 and arm64 to the registry that LUCID_REGISTRY names, and joins both under
// one tag with `docker buildx imagetools`. Names as for build.mjs. Who may push is Docker's business: `docker login` before.
import { buildImage, chooseImages, lowerImages, tagsOf } from './catalogue.mjs';
import { docker, loadImage } from './daemon.mjs';
import { ImageError } from './download.mjs';

/** @import { Arch } from './image.mjs' */

/** @type {Arch[]} */
const ARCHS = ['amd64', 'arm64'];

/** @type {(args: readonly string[], what: string) => void} */
function mustRun(args, what) {
  const { ok, err } = docker(args);
  if (!ok) throw new ImageError(`${what}: ${err.split('\n').at(-1)}`);
}

function checkRegistry() {
  const registry = process.env.LUCID_REGISTRY;
  if (!registry)
    throw new ImageError('LUCID_REGISTRY is not set; it names where to push, as in ghcr.io/you/lucid');
  if (/(^|\.)gcr\.io\/distroless(\/|$)/.test(registry))
    throw new ImageError(
      `${registry}: images that were assembled here are not Google's; push them under a name of yours`,
    );
  if (!docker(['buildx', 'version']).ok)
    throw new ImageError('docker buildx is missing; install the plugin docker-buildx');
}

/** @type {(name: string) => Promise<void>} */
async function push(name) {
  const pushed = [];
  for (const arch of ARCHS) {
    const built = await buildImage(name, arch);
    let below;
    for (const { name: lower, built: each } of await lowerImages(built, arch)) {
      const [, tag] = tagsOf(lower, `-${arch}`);
      await loadImage(each.image, [tag], below);
      below = tag;
    }
    const [, tag] = tagsOf(name, `-${arch}`);
    await loadImage(built.image, [tag], below);
    mustRun(['push', '--quiet', tag], `pushing ${tag}`);
    pushed.push(tag);
  }
  const tags = tagsOf(name);
  const joined = tags.flatMap((tag) => ['--tag', tag]);
  mustRun(['buildx', 'imagetools', 'create', ...joined, ...pushed], `joining ${tags[0]}`);
  console.log(`${tags.join(', ')} for ${ARCHS.join(' and ')}`);
}

try {
  checkRegistry();
  for (const name of chooseImages(process.argv.slice(2))) await push(name);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exit(1);
}
