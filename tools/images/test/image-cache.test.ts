import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../download.mjs';
import { file } from '../entries.mjs';
import { addToTree, createImage, createLayer, type Image } from '../image.mjs';
import { cachedImage } from '../image-cache.mjs';

const newKey = () => randomBytes(32).toString('hex');
const placesOf = (key: string, image: Image) => [
  join(cacheFolder, 'images', `${key}.json`),
  ...image.layers.map(({ diffId }) => join(cacheFolder, 'layers', `${diffId.slice('sha256:'.length)}.tar`)),
];
const made: string[] = [];
afterAll(() => {
  for (const path of made) rmSync(path, { force: true });
});

/** An image that nobody else makes, and how often it was made. */
async function fixture() {
  const entries = [file('a', newKey())];
  const tree: Image['tree'] = new Map();
  addToTree(tree, entries);
  const layers = [await createLayer(entries)];
  const image = createImage({ arch: 'arm64', settings: { User: '1' }, history: [], layers, tree });
  const key = newKey();
  made.push(...placesOf(key, image));
  const counter = { made: 0 };
  const make = async () => {
    counter.made++;
    return image;
  };
  return { key, image, counter, make };
}

test('gives back what was made, with its layers, and makes it once', async () => {
  const { key, image, counter, make } = await fixture();
  await cachedImage(key, make);
  const back = await cachedImage(key, make);
  expect(counter.made).toBe(1);
  expect(back.digest).toBe(image.digest);
  expect(back.tree).toEqual(image.tree);
  expect(Buffer.compare(back.layers[0]?.read() as Buffer, image.layers[0]?.read() as Buffer)).toBe(0);
});

test('makes it again where a layer is gone, and gives no damaged one', async () => {
  const { key, image, counter, make } = await fixture();
  await cachedImage(key, make);
  const [, layer = ''] = placesOf(key, image);
  rmSync(layer);
  await cachedImage(key, make);
  expect(counter.made).toBe(2);
  writeFileSync(layer, 'damaged');
  const back = await cachedImage(key, make);
  expect(() => back.layers[0]?.read()).toThrow('a layer in the cache was damaged and has been taken out');
  expect(existsSync(layer)).toBe(false);
});

test('keeps nothing of what could not be made', async () => {
  const key = newKey();
  expect(await cachedImage(key, async () => null)).toBeNull();
  expect(existsSync(join(cacheFolder, 'images', `${key}.json`))).toBe(false);
});

test('lets go of what no build has read for a month, and of nothing else', async () => {
  const [old, used, newest] = [await fixture(), await fixture(), await fixture()];
  for (const { key, make, image } of [old, used]) {
    await cachedImage(key, make);
    const longAgo = new Date(Date.now() - 31 * 86_400_000);
    for (const path of placesOf(key, image)) utimesSync(path, longAgo, longAgo);
  }
  await cachedImage(used.key, used.make);
  await cachedImage(newest.key, newest.make);
  expect(placesOf(old.key, old.image).filter((path) => existsSync(path))).toEqual([]);
  expect(placesOf(used.key, used.image).every((path) => existsSync(path))).toBe(true);
});

test('keeps an old layer that a new image has', async () => {
  const { key, image, make } = await fixture();
  await cachedImage(key, make);
  const [, layer = ''] = placesOf(key, image);
  utimesSync(layer, new Date(0), new Date(0));
  const other = newKey();
  made.push(...placesOf(other, image));
  await cachedImage(other, make);
  expect(existsSync(layer)).toBe(true);
});
