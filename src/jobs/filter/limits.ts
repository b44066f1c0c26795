// Of what people write; apart from the engine for patterns, so that help need not load it.
export const LONGEST_FILTER = 2000;
export const LONGEST_PATTERN = 200;
