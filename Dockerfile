# One file for every image; docker-compose.yml says which process a container runs. The last stage is the default.

FROM node:20.20.2-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

# For docker-compose.dev.yml, which mounts the sources over /app.
FROM packages AS development
ENV NEXT_TELEMETRY_DISABLED=1 \
    TZ=Asia/Kolkata \
    GEHRA_DATA_DIR=/data \
    GEHRA_IN_CONTAINER=1
RUN install --directory --owner=node --group=node --mode=0700 /data
USER node
VOLUME /data
ENTRYPOINT ["ops/docker/entrypoint.sh"]

FROM packages AS build
COPY . .
# The link dist/current is followed: the image has the build where a checkout has its sources.
RUN ./gehra build \
    && cp --recursive --dereference dist/current /build \
    && npm prune --omit=dev --no-audit --no-fund

FROM caddy:2.11.8-alpine AS proxy
# It listens above 1024, as an ordinary user: without the right to listen below, which a container that has no rights cannot run
# a program with.
RUN setcap -r /usr/bin/caddy \
    && adduser -D -H -u 10002 -s /sbin/nologin proxy \
    && mkdir -p /data \
    && chown -R proxy:proxy /data \
    && chmod 0700 /data
ENV XDG_DATA_HOME=/data \
    XDG_CONFIG_HOME=/tmp
COPY ops/docker/Caddyfile /etc/caddy/Caddyfile
USER proxy

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    TZ=Asia/Kolkata \
    GEHRA_DATA_DIR=/data \
    GEHRA_IN_CONTAINER=1
WORKDIR /app
# /app/data is where docker-compose.yml mounts the folder of the tokens.
RUN groupadd --gid 10001 gehra \
    && useradd --uid 10001 --gid gehra --no-create-home --shell /usr/sbin/nologin gehra \
    && install --directory --owner=gehra --group=gehra --mode=0700 /data /app/data
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/package-lock.json ./
COPY --from=build /app/db/migrations ./db/migrations
COPY --from=build /build/ ./
COPY ops/docker/entrypoint.sh /usr/local/bin/gehra-entrypoint
USER gehra
VOLUME /data
ENTRYPOINT ["gehra-entrypoint"]
CMD ["app/server.js"]
