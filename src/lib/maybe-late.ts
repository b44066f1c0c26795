/** A value, or a promise of it where it has to be waited for. */
export type MaybeLate<Value> = Value | Promise<Value>;

/** Goes on with a value: at once when it is there. */
export const andThen = <Value, Next>(
  value: MaybeLate<Value>,
  next: (value: Value) => MaybeLate<Next>,
): MaybeLate<Next> => (value instanceof Promise ? value.then(next) : next(value));
