#!/bin/sh
# Makes the secrets of docker-compose.yml that are not there yet: ops/secrets, a folder that only you can enter. The files in
# it can be read by all, because the users inside the containers are other ones.
set -eu
dir=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)/secrets

mkdir -p "$dir/tls"
chmod 0700 "$dir"
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
made=''
keep() {
  [ -e "$dir/$1" ] && return
  printf "$2" "$3" >"$dir/$1"
  chmod 0444 "$dir/$1"
  made="$made $1"
}
keep database_password %s "$(random)"
keep redis_password %s "$(random)"
keep auth_secret %s "$(random)"
keep pgbouncer_users '"gehra" "%s"\n' "$(cat "$dir/database_password")"
if [ -n "$made" ]; then
  printf 'made in %s:%s\n' "$dir" "$made"
else
  printf '%s has all of them already: nothing was changed.\n' "$dir"
fi
