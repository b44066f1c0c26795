// What a single executable runs. The program's text and V8's compiled code of it are assets: compiling the text takes
// longer than all the rest of a short command, and Node's own cache for executables knows only what runs at once.
const { enableCompileCache } = require('node:module');
const { getAsset, getAssetKeys, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');
const answerAtOnce = require('../build/answer-at-once.cjs');
const programFor = require('../build/program-for.cjs');

const words = process.argv.slice(2);
if (!answerAtOnce(words, () => getAsset('texts.json', 'utf8'))) {
  // For the user's handlers and their packages.
  enableCompileCache();
  const name = programFor(words);
  const bytesOf = (asset) => Buffer.from(getRawAsset(asset));
  const cachedData = getAssetKeys().includes(`${name}.cache`) ? bytesOf(`${name}.cache`) : undefined;
  const script = new Script(bytesOf(`${name}.cjs`).latin1Slice(), { filename: process.execPath, cachedData });
  script.runInThisContext()(exports, require, module, __filename, __dirname);
}
