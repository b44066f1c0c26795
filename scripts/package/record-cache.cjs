// Runs a program, and stores V8's compiled code of all that ran: `node FLAGS record-cache.cjs TEXT CACHE [the program's words]`.
// The flags make the same run give the same bytes; a cache is good only where they are as Node has them, hence the end.
const fs = require('node:fs');
const v8 = require('node:v8');
const { Script } = require('node:vm');

const [, , text, cache, ...words] = process.argv;
const script = new Script(fs.readFileSync(text, 'latin1'), { filename: process.execPath });
process.argv = [process.execPath, 'jq', ...words];
process.on('exit', () => {
  for (const flag of ['--hash-seed=0', '--flush-bytecode', '--sparkplug']) v8.setFlagsFromString(flag);
  fs.writeFileSync(cache, script.createCachedData());
});
script.runInThisContext()(exports, require, module, __filename, __dirname);
