import { onTestFinished, vi } from 'vitest';
import type { Handler, HandlerContext } from '../../src/index.ts';

/** An example handler, loaded afresh for this test: it reads its environment variables when it is loaded. */
export async function loadExample(name: string, env: Record<string, string | undefined> = {}): Promise<Handler> {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value);
  vi.resetModules();
  const file = (await import(`../../handlers/${name}.ts`)) as { default: Handler };
  return file.default;
}

/** The payload as `run` gets it, or the paths of the fields that `input` refuses. */
export async function checkPayload(
  handler: Handler,
  payload: unknown,
): Promise<{ value: unknown } | { refused: string[] }> {
  const checked = await handler.input!['~standard'].validate(payload);
  if (!checked.issues) return { value: checked.value };
  return { refused: checked.issues.map(({ path = [] }) => path.map(String).join('.')) };
}

/** One attempt: checks the payload and runs the handler. */
export async function attempt(handler: Handler, payload: unknown, context: HandlerContext): Promise<unknown> {
  const checked = await checkPayload(handler, payload);
  if ('refused' in checked) throw new TypeError(`The payload was refused: ${checked.refused.join(', ')}`);
  return handler.run(checked.value, context);
}
