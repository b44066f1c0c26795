#!/usr/bin/env node
// The program is in a file of its own: Node keeps compiled code only of files that are loaded after this call.
const { enableCompileCache } = require('node:module');
const programFor = require('./program-for.cjs');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(`jq needs Node 24.11 or newer; this is ${process.version} (${process.execPath}).\n`);
  process.exit(1);
}
enableCompileCache();
const file = `${__dirname}/${programFor(process.argv.slice(2))}.cjs`;
module.exports = require(file);
