const TEXTS = ['--help', '-h', '--version'];

/**
 * Which of the bundles runs a command line (the words after the program's name): what scripts call in loops, and what
 * people wait for, is built a second time without the rest. A text is surely asked for by no word at all, or by a last
 * one that has nothing but names before it.
 */
module.exports = function programFor(words) {
  const [last = '--help'] = words.slice(-1);
  const names = words.slice(0, -1);
  if (TEXTS.includes(last) && names.every((word) => !word.startsWith('-'))) return 'texts';
  return words[0] === 'enqueue' ? 'enqueue' : 'program';
};
