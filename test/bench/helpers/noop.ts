/** Does nothing; tells how long the job waited (ms) when it says when it was sent, by the clock that all processes share. */
export default async ({ sentAt }: { sentAt?: string }): Promise<number | null> =>
  sentAt === undefined ? null : Number(process.hrtime.bigint() - BigInt(sentAt)) / 1e6;
