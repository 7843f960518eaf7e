#!/bin/sh
# Makes the passwords of docker-compose.yml, once: ops/secrets, a folder that only you can enter. The files in it can be
# read by all, because the users inside the containers are other ones.
set -eu
dir=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)/secrets

if [ -e "$dir" ]; then
  printf '%s is there already: nothing was changed.\n' "$dir" >&2
  exit 1
fi
mkdir -m 0700 "$dir"
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
database_password=$(random)
printf %s "$database_password" >"$dir/database_password"
printf %s "$(random)" >"$dir/redis_password"
printf %s "$(random)" >"$dir/auth_secret"
printf '"gehra" "%s"\n' "$database_password" >"$dir/pgbouncer_users"
chmod 0444 "$dir"/*
printf 'made the passwords in %s\n' "$dir"
