const { leaveWhenStdoutFails } = require('../../commands/framework/leave-when-stdout-fails.ts');
const { renderVersion } = require('../../commands/framework/render-version.ts');

/**
 * Prints the text that a command line (the words after the program's name) asks for, if it is one of those that were
 * written down when the program was built: loading the program would take longer than all the rest.
 * @param {readonly string[]} words
 * @param {() => string} readTexts what own-texts.ts has made, as JSON
 * @returns {boolean} whether that was all
 */
module.exports = function answerAtOnce(words, readTexts) {
  const text = textFor(words, readTexts);
  if (text === undefined) return false;
  leaveWhenStdoutFails(process);
  process.stdout.write(text);
  return true;
};

function textFor(words, readTexts) {
  const [last = '--help'] = words.slice(-1);
  // Which Node runs it is not known before.
  if (last === '--version' && words.length === 1) return renderVersion({});
  if (last !== '--help' && last !== '-h' && words[0] !== 'help') return undefined;
  const { lines, texts } = JSON.parse(readTexts());
  return texts[lines[words.join('\0')]];
}
