#!/bin/sh
# Redis with its password from a file: an argument would show it to every process of the container.
set -eu
umask 077
cat /etc/gehra/redis.conf >/tmp/redis.conf
printf 'requirepass %s\n' "$(cat /run/secrets/redis_password)" >>/tmp/redis.conf
exec redis-server /tmp/redis.conf
