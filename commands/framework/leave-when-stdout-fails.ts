/** A reader that closes its end, such as `head` or a terminal's window, is no error; a full disk is. */
export function leaveWhenStdoutFails(host: NodeJS.Process): void {
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') host.exit(0);
    host.stderr.write(`jq: stdout: ${error.message}\n`);
    host.exit(1);
  });
}
