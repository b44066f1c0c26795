/** Where values lie between two ends, in whole tenths of a pixel. */
export interface Axis {
  isLog: boolean;
  at(value: number): number;
}

/** From the least value to the greatest, one that is not logarithmic from 0. */
export function createAxis(
  values: readonly number[],
  [from, to]: readonly [number, number],
  { isLog }: { isLog: boolean },
): Axis {
  const scale = isLog ? Math.log : (value: number) => value;
  const ends = isLog ? [Math.min(...values), Math.max(...values)] : [0, Math.max(...values, ...ticksOf(values, false))];
  const [least, most] = ends.map(scale) as [number, number];
  return {
    isLog,
    at: (value) => Math.round((from + ((scale(value) - least) / (most - least || 1)) * (to - from)) * 10) / 10,
  };
}

/** Round numbers to read values by: powers of ten, of few of them their doubles and halves too; or up to five from 0 on. */
export function ticksOf(values: readonly number[], isLog: boolean): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (isLog) {
    const powers = Array.from({ length: 25 }, (_, index) => 10 ** (index - 9));
    const within = (all: readonly number[]): number[] => all.filter((value) => value >= least && value <= most);
    const few = within(powers);
    return few.length > 2 ? few : within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  }
  const rough = (most || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((each) => each >= rough)!;
  return Array.from({ length: 5 }, (_, index) => Number((index * step).toPrecision(6))).filter(
    (tick) => tick <= most + step * 0.6,
  );
}
