import { alignTable, renderNumber } from '../helpers/table.ts';
import type { Grown } from './growth.ts';

/** One line for each amount, one column for each figure. */
export const renderGrowth = ({ growth, amounts, values }: Grown): string =>
  alignTable(
    [
      [growth.of, ...growth.figures.map(({ name, unit }) => `${name}, ${unit}`)],
      ...amounts.map((amount, row) => [amount.toLocaleString('en-US'), ...values[row]!.map(renderNumber)]),
    ],
    () => true,
  ).join('\n');
