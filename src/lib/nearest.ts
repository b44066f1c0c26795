import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `word` was probably meant to be, or `undefined` when none is near enough to suggest. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const names = [...candidates];
  if (names.length === 0) return undefined;
  const wanted = word.toLowerCase();
  const byFolded = new Map(names.map((name) => [name.toLowerCase(), name]));
  const found = closest(wanted, [...byFolded.keys()]);
  const limit = Math.max(1, Math.floor(Math.max(word.length, found.length) * 0.4));
  return distance(wanted, found) <= limit ? byFolded.get(found) : undefined;
}

/** The sentence that ends an error about an unknown word: ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const name = nearest(word, candidates);
  return name === undefined ? undefined : `Did you mean "${name}"?`;
}
