declare function programFor(words: readonly string[]): 'enqueue' | 'program';
export = programFor;
