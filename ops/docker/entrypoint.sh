#!/bin/sh
# Runs one of our processes: gehra-entrypoint collectors/kite/main.js. Passwords are files (compose's secrets), and get
# into the environment here, so that they stand neither in docker-compose.yml nor in the image. What .env gives wins.
set -eu

secrets=${GEHRA_SECRETS_DIR:-/run/secrets}

# The rest of the address is lib/config's. Without DB_HOST it is docker-compose.yml's own server, whose password is this file.
if [ -f "$secrets/database_password" ] && { [ -z "${DB_HOST:-}" ] || [ -z "${DB_PASSWORD:-}" ]; }; then
  DB_PASSWORD=$(cat "$secrets/database_password")
  export DB_PASSWORD
fi
if [ -f "$secrets/redis_password" ] && [ -z "${REDIS_URL:-}" ]; then
  REDIS_URL="redis://gehra:$(cat "$secrets/redis_password")@redis:6379/0"
  export REDIS_URL
fi
if [ -f "$secrets/auth_secret" ] && [ -z "${AUTH_SECRET:-}" ]; then
  AUTH_SECRET=$(cat "$secrets/auth_secret")
  export AUTH_SECRET
fi

exec node --enable-source-maps "$@"
