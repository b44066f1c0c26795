#!/bin/sh
# Packs a folder of the project into backups/, and keeps the newest of its archives:
#
#   jq enqueue backup-folder --payload '{"folder":"docs","keep":7}' --wait
#
# An archive is named after its job, so that a job that runs twice makes one. Needs tar, gzip and sha256sum.
set -eu

# 65: this payload will never work, the job is dead at once. Any other failure is tried again.
refuse() {
  echo "$1" >&2
  exit 65
}

# The payload is compact JSON on one line. For plain words and numbers this will do; for more, take a JSON tool.
payload=$(cat)
folder=$(printf '%s' "$payload" | sed -n 's/.*"folder":"\([[:alnum:]._/-]*\)".*/\1/p')
keep=$(printf '%s' "$payload" | sed -n 's/.*"keep":\([1-9][0-9]*\)[,}].*/\1/p')
case $payload in *'"keep":'*) ;; *) keep=7 ;; esac

[ -n "$folder" ] && [ -n "$keep" ] || refuse 'Expected a payload such as {"folder":"docs","keep":7}'
case /$folder/ in *//* | */./* | */../*) refuse "Expected a folder below the project, got $folder" ;; esac
[ -d "$folder" ] || refuse "There is no folder $folder"

archives=backups/$folder
archive=$archives/$(printf '%s' "${JQ_CREATED_AT%.*}" | tr -d :)-$JQ_JOB_ID.tar.gz
mkdir -p "$archives"

# Under its name it is always whole, whenever somebody looks.
trap 'rm -f "$archive.part"' EXIT
trap 'exit 1' TERM
tar -czf "$archive.part" -- "$folder"
echo '{"progress":80}' >&2
sum=$(sha256sum "$archive.part" | cut -d' ' -f1)
mv "$archive.part" "$archive"

# The names begin with the time: the last ones are the newest.
find "$archives" -maxdepth 1 -name '*.tar.gz' | sort -r | tail -n +$((keep + 1)) | while read -r old; do
  rm -f "$old"
  echo "removed $old" >&2
done

printf '{"archive":"%s","bytes":%d,"sha256":"%s"}\n' "$archive" "$(wc -c <"$archive")" "$sum"
