import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { defineHandler, Discard } from 'jobqueue';
import { z } from 'zod';

// WebP, the default, cannot hold more pixels in a row.
const side = z.int().min(1).max(16_383);

/**
 * Makes a smaller copy of an image file, upright whatever way the camera was held. Without `height` the proportions
 * stay; with it the image is cropped to fit. Paths are used as they are: let only those enqueue who may touch the files.
 */
export default defineHandler({
  description: 'Resizes an image file',
  input: z.object({
    source: z.string().min(1),
    width: side,
    height: side.optional(),
    format: z.enum(['webp', 'jpeg', 'png', 'avif']).default('webp'),
    target: z.string().min(1).optional(),
  }),
  timeout: '2m',

  async run({ source, width, height, format, target = besideSource(source, width, height, format) }, { log, signal }) {
    // A file that is missing or cannot be read may be there at the next attempt, so this throws as it is.
    const original = await readFile(source, { signal });

    // Imported here, because `jq enqueue` loads this file too, to check the payload, and does not need libvips for that.
    const { default: sharp } = await import('sharp');
    let image;
    try {
      const pipeline = sharp(original).autoOrient().resize({ width, height }).toFormat(format);
      image = await pipeline.toBuffer({ resolveWithObject: true });
    } catch (error) {
      throw new Discard(`${source} is not an image that can be resized: ${(error as Error).message}`, { cause: error });
    }

    // Written beside the target and renamed, so that nobody ever sees half an image.
    const unfinished = `${target}.${randomUUID()}`;
    await mkdir(dirname(target), { recursive: true });
    try {
      await writeFile(unfinished, image.data, { signal });
      await rename(unfinished, target);
    } finally {
      await rm(unfinished, { force: true });
    }

    const result = { target, width: image.info.width, height: image.info.height, bytes: image.data.length };
    log.info(result, 'resized');
    return result;
  },
});

function besideSource(source: string, width: number, height: number | undefined, format: string): string {
  const size = height === undefined ? width : `${width}x${height}`;
  return join(dirname(source), `${parse(source).name}-${size}.${format}`);
}
