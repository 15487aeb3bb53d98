// Builds the native Zstandard codec from the sources inside the zstd-napi package: node tools/build-zstd.mjs
//   [--cc CC] [--cxx CXX] [--arch x64|arm64] (cross compilers), [--quiet]. Output: dist/native/zstd-PLATFORM-ARCH.node.
// Needs a C and a C++ compiler, nothing else: the Node-API headers come from npm. Without a compiler the WebAssembly
// codec serves; exit code 3 says so.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    cc: { type: 'string', default: process.env.CC ?? 'cc' },
    cxx: { type: 'string', default: process.env.CXX ?? 'c++' },
    arch: { type: 'string', default: process.arch },
    quiet: { type: 'boolean', default: false },
  },
});

const source = join(root, 'node_modules/zstd-napi');
const target = join(root, `dist/native/zstd-${process.platform}-${options.arch}.node`);
const say = (line) => options.quiet || console.error(line);

function hasCompilers() {
  try {
    for (const compiler of [options.cc, options.cxx])
      execFileSync(compiler, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const DEFINES = [
  '-DXXH_NAMESPACE=ZSTD_',
  '-DZSTDERRORLIB_VISIBLE=',
  '-DZSTDLIB_VISIBLE=',
  '-DZSTD_NO_TRACE',
  '-D_FORTIFY_SOURCE=2',
];
const BINDING_DEFINES = [
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  '-DNODE_API_NO_EXTERNAL_BUFFERS_ALLOWED',
];

/** npm nests the package where the tree holds another version of it. */
function addonApi() {
  const nested = join(source, 'node_modules/node-addon-api');
  return existsSync(nested) ? nested : join(root, 'node_modules/node-addon-api');
}

function jobs(objects) {
  const library = join(source, 'deps/zstd/lib');
  const list = [];
  for (const folder of ['common', 'compress', 'decompress']) {
    for (const name of readdirSync(join(library, folder))) {
      if (!/\.c$/.test(name) && !(name.endsWith('_amd64.S') && options.arch === 'x64')) continue;
      const noAssembly = options.arch === 'x64' ? [] : ['-DZSTD_DISABLE_ASM'];
      list.push([
        options.cc,
        [
          '-O3',
          '-fPIC',
          '-fvisibility=hidden',
          ...DEFINES,
          ...noAssembly,
          '-c',
          join(library, folder, name),
          '-o',
          join(objects, `${name}.o`),
        ],
      ]);
    }
  }
  const headers = [join(root, 'node_modules/node-api-headers/include'), addonApi(), library];
  for (const name of readdirSync(join(source, 'src')).filter((each) => each.endsWith('.cc'))) {
    const includes = headers.flatMap((path) => ['-I', path]);
    list.push([
      options.cxx,
      [
        '-O2',
        '-fPIC',
        '-std=c++17',
        '-fvisibility=hidden',
        '-fexceptions',
        ...BINDING_DEFINES,
        ...includes,
        '-c',
        join(source, 'src', name),
        '-o',
        join(objects, `${name}.o`),
      ],
    ]);
  }
  return list;
}

async function build() {
  const objects = mkdtempSync(join(tmpdir(), 'lucid-zstd-'));
  try {
    const queue = jobs(objects);
    const worker = async () => {
      for (let job = queue.pop(); job; job = queue.pop()) await run(...job);
    };
    await Promise.all([worker(), worker()]);
    mkdirSync(dirname(target), { recursive: true });
    const shared =
      process.platform === 'darwin'
        ? ['-bundle', '-undefined', 'dynamic_lookup']
        : ['-shared', '-Wl,-z,noexecstack', '-Wl,-z,relro', '-Wl,-z,now'];
    const fresh = join(objects, basename(target));
    await run(options.cxx, [
      ...shared,
      '-o',
      fresh,
      ...readdirSync(objects)
        .filter((each) => each.endsWith('.o'))
        .map((each) => join(objects, each)),
    ]);
    const beside = `${target}.${process.pid}`;
    execFileSync('cp', [fresh, beside]);
    renameSync(beside, target);
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

if (existsSync(target)) {
  say(`${target} is there already`);
} else if (!existsSync(source)) {
  console.error('node_modules/zstd-napi is missing: run npm ci first');
  process.exit(2);
} else if (!hasCompilers()) {
  say(
    `no C compiler (${options.cc}, ${options.cxx}): Lucid will use the WebAssembly codec, about 1.7 times slower`,
  );
  process.exit(3);
} else {
  say('building the native Zstandard codec, once (about 15 s) …');
  try {
    await build();
    say(`built ${target}`);
  } catch (error) {
    console.error(
      `the native codec could not be built, the WebAssembly one serves instead: ${String(error.stderr ?? error.message).split('\n')[0]}`,
    );
    process.exit(3);
  }
}
