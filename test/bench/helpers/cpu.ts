import fs from 'node:fs';

/** Milliseconds of processor time that a process and those that it started have used: what else the machine does leaves it alone. */
export function cpuMs(pid: number): number {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuMs(Number(child)), (Number(fields[11]) + Number(fields[12])) * 10);
}
