#!/bin/sh
# Redis with its password from a file: an argument would show it to every process of the container. The one user there is may do
# what our processes do, and nothing that empties, changes, stops or searches it (scripts/services/redis.ts has the same).
set -eu
umask 077
cat /etc/gehra/redis.conf >/tmp/redis.conf
printf 'user default off\nuser gehra on >%s ~* &* +@all -@dangerous +info\n' "$(cat /run/secrets/redis_password)" >>/tmp/redis.conf
exec redis-server /tmp/redis.conf
