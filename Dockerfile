# One image for every process; docker-compose.yml says which one a container runs.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The link dist/current is followed: the image has the build where a checkout has its sources.
RUN ./gehra build \
    && cp --recursive --dereference dist/current /build \
    && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    TZ=Asia/Kolkata \
    GEHRA_DATA_DIR=/data \
    GEHRA_IN_CONTAINER=1
WORKDIR /app
RUN groupadd --gid 10001 gehra \
    && useradd --uid 10001 --gid gehra --no-create-home --shell /usr/sbin/nologin gehra \
    && mkdir /data \
    && chown gehra:gehra /data \
    && chmod 0700 /data
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/package-lock.json ./
COPY --from=build /app/db/migrations ./db/migrations
COPY --from=build /build/ ./
COPY ops/docker/entrypoint.sh /usr/local/bin/gehra-entrypoint
USER gehra
VOLUME /data
ENTRYPOINT ["gehra-entrypoint"]
CMD ["app/server.js"]
