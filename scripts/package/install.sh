#!/bin/sh
# Installs jq, the job queue, from the file beside this script: sh install.sh [--prefix DIR] [--force] [FILE]
# It puts jq into PREFIX/bin with jobq, a link to it, and the manual page into PREFIX/share/man/man1. The prefix is
# /usr/local for root, else ~/.local. Another program of one of these names is left alone, unless --force is given.
set -eu

usage() {
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
}
fail() {
  echo "install: $1" >&2
  exit 1
}
# Ours answers `--version` with these words; the JSON tool with `jq-1.7`.
is_ours() {
  "$1" --version 2>/dev/null </dev/null | grep -q '(job queue)'
}
exists() {
  [ -e "$1" ] || [ -L "$1" ]
}

here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
force= file=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || usage; prefix=$2; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --force) force=1 ;;
    -*) usage ;;
    *) [ -z "$file" ] || usage; file=$1 ;;
  esac
  shift
done
file=${file:-$here/jq}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
bin=$prefix/bin

[ -f "$file" ] || fail "there is no file $file"
is_ours "$file" || fail "$file does not run here, or is not jq, the job queue"
if [ -f "$here/SHA256SUMS" ] && [ "$file" = "$here/jq" ] && command -v sha256sum >/dev/null; then
  (cd "$here" && grep '  jq$' SHA256SUMS | sha256sum --check --quiet -) || fail "$file is not what SHA256SUMS says"
fi
# Both are looked at before one is touched.
for name in jq jobq; do
  if [ -z "$force" ] && exists "$bin/$name" && ! is_ours "$bin/$name"; then
    echo "install: $bin/$name is another program, and was left alone; nothing was installed" >&2
    echo "Choose another --prefix, or replace it with --force." >&2
    exit 1
  fi
done

mkdir -p "$bin"
# At once: a jq that runs keeps its file, and nobody finds half of one.
cp "$file" "$bin/.jq.$$"
chmod 755 "$bin/.jq.$$"
mv -f "$bin/.jq.$$" "$bin/jq"
ln -sf jq "$bin/jobq"
echo "installed $bin/jq ($("$bin/jq" --version)) and $bin/jobq"
if [ -f "$here/jq.1" ]; then
  mkdir -p "$prefix/share/man/man1"
  page=$prefix/share/man/man1/jq.1
  if [ -n "$force" ] || ! exists "$page" || grep -q jobqueue "$page"; then
    cp "$here/jq.1" "$page"
  else
    echo "left $page alone: it is the page of another jq"
    page=$prefix/share/man/man1/jobq.1
  fi
  cp "$here/jq.1" "$prefix/share/man/man1/jobq.1"
  echo "installed $page"
fi

# The first one on the PATH is the one that `jq` means.
found=$(command -v jq || true)
if [ "$found" = "$bin/jq" ]; then
  echo "jq is $found: the first one on your PATH"
  others=$(IFS=:; for folder in $PATH; do [ -x "$folder/jq" ] && [ "$folder" != "$bin" ] && ! is_ours "$folder/jq" && echo "$folder/jq"; done || true)
  [ -z "$others" ] || echo "Calls that only the JSON tool can mean, such as jq .a, are handed to" $others
elif [ -z "$found" ]; then
  echo "jq is not found: $bin is not on your PATH. Add it: export PATH=\"$bin:\$PATH\""
else
  echo "jq is $found, not the job queue: its folder comes before $bin on your PATH, or $bin is not on it"
  echo "The job queue is jobq there (or put $bin first: export PATH=\"$bin:\$PATH\")"
fi
