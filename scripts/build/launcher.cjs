#!/usr/bin/env node
// The program is in a file of its own: Node keeps compiled code only of files that are loaded after this call.
const fs = require('node:fs');
const { enableCompileCache } = require('node:module');
const answerAtOnce = require('./answer-at-once.cjs');
const programFor = require('./program-for.cjs');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(`jq needs Node 24.11 or newer; this is ${process.version} (${process.execPath}).\n`);
  process.exit(1);
}
const words = process.argv.slice(2);
if (!answerAtOnce(words, () => fs.readFileSync(`${__dirname}/texts.json`, 'utf8'))) {
  enableCompileCache();
  const file = `${__dirname}/${programFor(words)}.cjs`;
  module.exports = require(file);
}
