/** After so many functions of one name, those that come do without: they are made while the program runs, again and again. */
const OFTEN = 64;

/** What esbuild's `keepNames` calls with each function and class, to give it back the name that it had. */
const HELPER = /var ([\w$]+)=\(([\w$]+),([\w$]+)\)=>([\w$]+)\(\2,"name",\{value:\3,configurable:!0\}\)/;
const CLASS_HELPER = 'nameClass';

/**
 * Makes a bundle give names back more sparingly. A function that gets a name after it was made becomes slow, and takes
 * more time than most functions do: where they are made for each request, that is a tenth of it. Classes, by whose names
 * errors are told apart, all keep theirs, and so do the functions of modules, which people read in stacks.
 *
 * @throws Error when the bundle does not look as esbuild writes it
 */
export function nameSparingly(code: string): string {
  // A small bundle may give no name back at all.
  if (!code.includes('"name",{value:')) return code;
  const found = HELPER.exec(code);
  if (!found) throw new Error('Expected the helper of keepNames in the bundle: esbuild may write it another way');
  const [whole, name, , , define] = found as unknown as [string, string, string, string, string];
  const always = `(e,t)=>${define}(e,"name",{value:t,configurable:!0})`;
  const sparingly = `(n=>(e,t)=>{const o=n.get(t)??0;return o<${OFTEN}?(n.set(t,o+1),${CLASS_HELPER}(e,t)):e})(new Map)`;
  return code
    .replace(whole, () => `var ${CLASS_HELPER}=${always},${name}=${sparingly}`)
    .replaceAll(`static{${name}(this,`, () => `static{${CLASS_HELPER}(this,`);
}
