import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { tempFolder } from './temp-folder.ts';

const RED = { r: 255, g: 0, b: 0 };
const BLUE = { r: 0, g: 0, b: 255 };

/** A PNG of 40 × 20 pixels in a new folder, red on the left and blue on the right, with an EXIF orientation if given. */
async function writePhoto(orientation?: number) {
  const folder = await tempFolder();
  const source = join(folder, 'photo.png');
  const blue = await sharp({ create: { width: 20, height: 20, channels: 3, background: BLUE } })
    .png()
    .toBuffer();
  const photo = sharp({ create: { width: 40, height: 20, channels: 3, background: RED } })
    .composite([{ input: blue, left: 20, top: 0 }])
    .png();
  await (orientation === undefined ? photo : photo.withMetadata({ orientation })).toFile(source);
  return { folder, source };
}

async function pixelAt(file: string, left: number, top: number) {
  const { data } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width } = await sharp(file).metadata();
  const [r, g, b] = data.subarray((top * width + left) * 3);
  return { r, g, b };
}

describe('resize-image', () => {
  it('keeps the proportions when only the width is given', async () => {
    const { folder, source } = await writePhoto();
    const { context, record } = handlerContext();

    const result = await attempt(await loadExample('resize-image'), { source, width: 10 }, context);

    const target = join(folder, 'photo-10.webp');
    const { length: bytes } = await readFile(target);
    expect(result).toEqual({ target, width: 10, height: 5, bytes });
    expect(await sharp(target).metadata()).toMatchObject({ format: 'webp', width: 10, height: 5 });
    expect(record.logs).toMatchObject([{ level: 'info', message: 'resized' }]);
  });

  it.each([
    ['webp', 'webp'],
    ['jpeg', 'jpeg'],
    ['png', 'png'],
    ['avif', 'heif'],
  ])('writes %s, cropped to both sides', async (format, family) => {
    const { folder, source } = await writePhoto();
    await attempt(
      await loadExample('resize-image'),
      { source, width: 8, height: 16, format },
      handlerContext().context,
    );
    const metadata = await sharp(join(folder, `photo-8x16.${format}`)).metadata();
    expect(metadata).toMatchObject({ format: family, width: 8, height: 16 });
  });

  it('turns an image upright as its EXIF orientation says', async () => {
    const { folder, source } = await writePhoto(6);
    const target = join(folder, 'new', 'upright.png');
    const payload = { source, width: 20, format: 'png', target };

    const result = await attempt(await loadExample('resize-image'), payload, handlerContext().context);

    expect(result).toMatchObject({ target, width: 20, height: 40 });
    // Orientation 6: the left side of the stored pixels is the top.
    expect(await pixelAt(target, 10, 4)).toEqual(RED);
    expect(await pixelAt(target, 10, 36)).toEqual(BLUE);
    expect((await sharp(target).metadata()).orientation ?? 1).toBe(1);
  });

  it('replaces an older target as a whole and leaves nothing else behind', async () => {
    const { folder, source } = await writePhoto();
    const target = join(folder, 'small.webp');
    await writeFile(target, 'old');
    await using reader = await open(target);
    await attempt(await loadExample('resize-image'), { source, width: 10, target }, handlerContext().context);
    expect(await sharp(target).metadata()).toMatchObject({ format: 'webp' });
    expect(await reader.readFile('utf8')).toBe('old');
    expect((await readdir(folder)).toSorted()).toEqual(['photo.png', 'small.webp']);
  });

  it.each([
    ['is not an image', async () => Buffer.from('not an image')],
    ['is cut off', async (source: string) => (await readFile(source)).subarray(0, 60)],
    ['is empty', async () => Buffer.alloc(0)],
  ])('gives up at once on a file that %s', async (_case, contents) => {
    const { folder, source } = await writePhoto();
    await writeFile(source, await contents(source));
    const failure = attempt(await loadExample('resize-image'), { source, width: 10 }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({
      name: 'Discard',
      message: expect.stringContaining(source) as string,
    });
    expect(await readdir(folder)).toEqual(['photo.png']);
  });

  it('leaves a file that is not there to a retry', async () => {
    const source = join(await tempFolder(), 'late.png');
    const failure = attempt(await loadExample('resize-image'), { source, width: 10 }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Error', code: 'ENOENT' });
  });

  it('removes its unfinished file when the target cannot be written', async () => {
    const { folder, source } = await writePhoto();
    const target = join(folder, 'taken');
    await mkdir(target);
    const failure = attempt(await loadExample('resize-image'), { source, width: 10, target }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Error', code: 'EISDIR' });
    expect((await readdir(folder)).toSorted()).toEqual(['photo.png', 'taken']);
  });

  it('does nothing once the signal has aborted', async () => {
    const { folder, source } = await writePhoto();
    const { context } = handlerContext({ signal: AbortSignal.abort() });
    const failure = attempt(await loadExample('resize-image'), { source, width: 10 }, context);
    await expect(failure).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(folder)).toEqual(['photo.png']);
  });
});

describe('the payload of resize-image', () => {
  it('makes WebP unless told otherwise', async () => {
    const checked = await checkPayload(await loadExample('resize-image'), { source: 'a.png', width: 10 });
    expect(checked).toEqual({ value: { source: 'a.png', width: 10, format: 'webp' } });
  });

  it.each([
    [{ source: '' }, 'source'],
    [{ width: 0 }, 'width'],
    [{ width: 10.5 }, 'width'],
    [{ width: 16_384 }, 'width'],
    [{ height: -1 }, 'height'],
    [{ format: 'gif' }, 'format'],
    [{ target: '' }, 'target'],
  ])('refuses %j', async (wrong, field) => {
    const handler = await loadExample('resize-image');
    expect(await checkPayload(handler, { source: 'a.png', width: 10, ...wrong })).toEqual({ refused: [field] });
  });
});
