import { Command } from 'ioredis';

/** What a command of ioredis has inside, as far as its promise needs it. */
interface Inside {
  name: string;
  args: unknown[];
  callback: unknown;
  promise: Promise<unknown>;
  resolve: (reply: unknown) => unknown;
  reject: (error: Error) => void;
  isResolved: boolean;
  isSettled: boolean;
  transformed: boolean;
  errorStack: Error | undefined;
  initPromise(): void;
  stringifyArguments(): void;
  _convertValue(resolve: (value: unknown) => void): (reply: unknown) => unknown;
  _clearTimers(): void;
}

const prototype = Command.prototype as unknown as Inside;
const ofIoredis = prototype.initPromise;
const { argument: transformers } = (
  Command as unknown as { _transformer: { argument: Record<string, (args: unknown[]) => unknown[]> } }
)._transformer;

/**
 * Makes the commands of ioredis short-lived objects. Each one writes a function of its own, literally, into a property; V8
 * takes functions that are written so for long-lived ones, and puts them among the old objects until the code that makes
 * them is fully optimized: ten thousand commands later, or more. There each one keeps its command, with all arguments and the
 * reply, until the next collection of the whole heap. The same function by way of a variable is young.
 *
 * Source: `CheckAssigningFunctionLiteralToProperty` in V8's parser; `initPromise` in ioredis' `Command`.
 */
export function keepCommandsYoung(): void {
  prototype.initPromise = initPromise;
}

/** As ioredis has it, but for the one function. */
function initPromise(this: Inside): void {
  if (this.callback !== undefined || this.errorStack !== undefined) return ofIoredis.call(this);
  this.isResolved = false;
  this.isSettled = false;
  this.promise = new Promise((resolve, reject) => {
    if (!this.transformed) {
      this.transformed = true;
      this.args = transformers[this.name]?.(this.args) ?? this.args;
      this.stringifyArguments();
    }
    const fail = (error: Error): void => {
      this._clearTimers();
      this.isSettled = true;
      reject(error);
    };
    this.resolve = this._convertValue(resolve);
    this.reject = fail;
  });
}
