# syntax=docker/dockerfile:1
# One image for the API, the workers (dist/apps/api/src/worker.js) and the migration (dist/apps/api/src/migrate.js).
# docs/deploy.md says why things are as they are; test/checks/dockerfile.int-spec.ts and test/faults/image.int-spec.ts hold
# this file to it. For the same bytes at each build, give the digest, too: --build-arg NODE_IMAGE=node:24.21.0-slim@sha256:…
ARG NODE_IMAGE=node:24.21.0-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package runs a script: the image has Node already, and of the embedded PostgreSQL nothing is needed.
RUN npm ci --ignore-scripts --omit=optional --no-audit --no-fund
COPY tsconfig.json nest-cli.json ./
COPY libs libs
COPY apps apps
RUN ["node", "apps/api/build.mjs"]

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \) -delete

FROM ${NODE_IMAGE} AS production
LABEL org.opencontainers.image.title="plinth" \
  org.opencontainers.image.description="REST backend: users, orders and analytics on NestJS and PostgreSQL" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# Numeric, so that Kubernetes can tell that it is not root. It may write nothing but /tmp, where long imports wait.
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "dist/apps/api/src/health-check.js"]
STOPSIGNAL SIGTERM
# Node itself is the first process: signals reach it, and there is no shell.
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=16"]
CMD ["dist/apps/api/src/main.js"]
