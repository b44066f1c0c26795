#!/usr/bin/env bash
# Shows that the single executable needs nothing: runs it in a Debian that has neither Node nor Redis, as an ordinary user.
# As root, with debootstrap installed: npm run package:prove. BARE_ROOT=DIR keeps the Debian there, and takes it from there the next time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ "$(id -u)" = 0 ] || { echo 'prove: it needs root, for chroot' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'prove: debootstrap is missing (apt-get install debootstrap)' >&2; exit 1; }
case $(uname -m) in x86_64) target=linux-x64 ;; aarch64) target=linux-arm64 ;; esac
package=dist/package/$target
[ -x "$package/jq" ] || { echo 'prove: there is no executable; run: npm run package' >&2; exit 1; }

root=${BARE_ROOT:-$(mktemp -d)}
[ -n "${BARE_ROOT-}" ] || trap 'rm -rf "$root"' EXIT
if [ ! -x "$root/bin/bash" ]; then
  echo "# debootstrap --variant=minbase bookworm"
  log=$(mktemp)
  debootstrap --variant=minbase bookworm "$root" >"$log" 2>&1 || { tail "$log" >&2; exit 1; }
  rm -f "$log"
fi
rm -rf "$root/home/ana" "$root/opt/jq"
grep -q ^ana: "$root/etc/passwd" || echo 'ana:x:1000:1000::/home/ana:/bin/bash' >>"$root/etc/passwd"
mkdir -p "$root/home/ana" "$root/opt"
chown 1000:1000 "$root/home/ana"
cp -r "$package" "$root/opt/jq"
install -m 755 scripts/package/prove-inside.sh "$root/opt/prove.sh"
export root
# Everything that is left running in it ends with it.
unshare --mount --pid --fork --kill-child bash -c '
  mount -t proc proc "$root/proc"
  mkdir -p "$root/dev/pts" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx" 2>/dev/null || ln -sf pts/ptmx "$root/dev/ptmx"
  exec chroot --userspec=1000:1000 "$root" /usr/bin/env -i HOME=/home/ana USER=ana TERM=xterm LANG=C.UTF-8 \
    PATH=/home/ana/.local/bin:/usr/local/bin:/usr/bin:/bin /opt/prove.sh'
