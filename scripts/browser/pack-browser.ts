import fs from 'node:fs';
import path from 'node:path';
import { extractPackages, findOne, librariesOf } from '../debian/packages.ts';

/** They belong together with the loader, which is that of the system. */
const LIBC = /^lib(c|m|dl|rt|pthread|resolv|util)\.so/;
const UNNEEDED = /validation|\.TOC$|crashpad/;

/**
 * Lays headless Chromium, the libraries that it needs and a font side by side: `chromium/`, `lib/`, `fonts/` and `fonts.conf`.
 * @param packages the `.deb` files of chromium-headless-shell and of what it depends on
 */
export function packBrowser(packages: readonly string[], workFolder: string, pack: string): void {
  const root = path.join(workFolder, 'root');
  extractPackages(packages, root);
  const program = findOne(root, '*/usr/lib/chromium/chromium-headless-shell');
  const loader = findOne(root, '*/{lib,usr/lib}/*/ld-linux*.so.*');
  const libraries = librariesOf(program, loader, root).filter((file) => !LIBC.test(path.basename(file)));
  const into = (folder: string, files: readonly string[]): void => {
    fs.mkdirSync(path.join(pack, folder), { recursive: true });
    for (const file of files) fs.copyFileSync(file, path.join(pack, folder, path.basename(file)), LINK);
  };
  into('lib', libraries);
  into('fonts', filesOf(root, '*/usr/share/fonts/truetype/dejavu/DejaVuSans*.ttf'));
  into(
    'chromium',
    filesOf(root, '*/usr/lib/chromium/*').filter((file) => !UNNEEDED.test(file)),
  );
  into('chromium/locales', filesOf(root, '*/usr/lib/chromium/locales/en-US.pak'));
  fs.writeFileSync(path.join(pack, 'fonts.conf'), FONTS);
}

// Hundreds of megabytes: where the file system can, it shares them.
const LINK = fs.constants.COPYFILE_FICLONE;

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

const filesOf = (root: string, pattern: string): string[] =>
  fs
    .globSync(pattern, { cwd: root })
    .map((file) => path.join(root, file))
    .filter((file) => fs.lstatSync(file).isFile());
