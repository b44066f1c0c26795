import { BOUNDS_S } from '../../broker/totals.ts';
import type { Answered } from '../answered.ts';
import { type Sample, sampleSpread } from './samples.ts';

/** How long requests took, by method, pattern of the route and class of the status. */
export interface RequestTimes {
  add(answered: Answered): void;
  samples(): Sample[];
}

interface Series {
  readonly labels: Record<string, string>;
  seconds: number;
  /** By the place of their bound in `BOUNDS_S`; what is longer comes last. */
  readonly counts: number[];
}

const STATUS_CLASSES = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'];

// prom-client's histogram looks at all labels anew for each value: it took a tenth of the time of a request. And a text put
// together from them would have to be hashed.
export function createRequestTimes(): RequestTimes {
  const byRoute = new Map<string, Map<string, Series[]>>();

  function seriesOf(route: string, method: string, statusClass: number): Series {
    let byMethod = byRoute.get(route);
    if (!byMethod) byRoute.set(route, (byMethod = new Map()));
    let byStatus = byMethod.get(method);
    if (!byStatus) byMethod.set(method, (byStatus = []));
    return (byStatus[statusClass] ??= {
      labels: { method, route, status: STATUS_CLASSES[statusClass]! },
      seconds: 0,
      counts: [...BOUNDS_S, Infinity].map(() => 0),
    });
  }
  return {
    // The pattern, never the path: that may hold anything.
    add({ request: { method }, route = 'none', status, ms }) {
      const series = seriesOf(route, method, Math.floor((status ?? 0) / 100));
      const seconds = ms / 1000;
      series.seconds += seconds;
      let bin = 0;
      while (bin < BOUNDS_S.length && seconds > BOUNDS_S[bin]!) bin += 1;
      series.counts[bin]! += 1;
    },
    samples: () =>
      [...byRoute.values()]
        .flatMap((byMethod) => [...byMethod.values()].flat())
        .flatMap(({ labels, seconds, counts }) =>
          sampleSpread(labels, {
            seconds,
            bins: new Map(counts.map((count, bin) => [BOUNDS_S[bin] ?? Infinity, count])),
          }),
        ),
  };
}
