/**
 * Which of the bundles runs a command line (the words after the program's name): what scripts call in loops is built a
 * second time without the rest.
 */
module.exports = (words) => (words[0] === 'enqueue' ? 'enqueue' : 'program');
