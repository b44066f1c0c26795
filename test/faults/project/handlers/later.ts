/** The same under another name: its jobs are delayed. */
export { default } from './quick.ts';
