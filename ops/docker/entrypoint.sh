#!/bin/sh
# Runs one of our processes: gehra-entrypoint collectors/kite/main.js. Passwords are files (compose's secrets), and get
# into the addresses here, so that they stand neither in docker-compose.yml nor in the image.
set -eu

secrets=${GEHRA_SECRETS_DIR:-/run/secrets}

if [ -f "$secrets/database_password" ]; then
  password=$(cat "$secrets/database_password")
  export DATABASE_URL="postgres://gehra:$password@pgbouncer:6432/gehra"
  export DATABASE_DIRECT_URL="postgres://gehra:$password@timescaledb:5432/gehra"
fi
if [ -f "$secrets/redis_password" ]; then
  REDIS_URL="redis://gehra:$(cat "$secrets/redis_password")@redis:6379/0"
  export REDIS_URL
fi
if [ -f "$secrets/auth_secret" ]; then
  AUTH_SECRET=$(cat "$secrets/auth_secret")
  export AUTH_SECRET
fi

exec node --enable-source-maps "$@"
