/** The same under another name, so that a plan and its report can tell them apart. */
export { default } from './quick.ts';
