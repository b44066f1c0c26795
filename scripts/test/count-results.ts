/** The part of vitest's JSON report that is counted here. */
export interface Report {
  testResults: readonly {
    status: string;
    assertionResults: readonly { status: string }[];
  }[];
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts tests. A file that cannot be loaded, or whose hooks fail, counts as one failed test, and so does a run that
 * fails in no test at all: by an error outside of one, or without a report.
 * @param exitCode of vitest; `null` when a signal ended it
 */
export function countResults(report: Report | undefined, exitCode: number | null): Counts {
  const files = report?.testResults ?? [];
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failedTests = statuses.filter((status) => status === 'failed').length;
  const brokenFiles = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return {
    passed,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: statuses.length - passed - failedTests,
  };
}

export const renderCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
