declare function programFor(words: readonly string[]): 'texts' | 'enqueue' | 'program';
export = programFor;
