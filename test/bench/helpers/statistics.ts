/** The value below which `share` of all lie; 0.5 is the median. */
export const quantileOf = (all: readonly number[], share: number): number =>
  all.toSorted((one, other) => one - other)[Math.min(all.length - 1, Math.floor(all.length * share))]!;

export const medianOf = (all: readonly number[]): number => quantileOf(all, 0.5);
