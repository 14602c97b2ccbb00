# One image for the four apps of a distributed installation; the command says which. It holds no embedded engine: the store is
# a ClickHouse server. Build: docker build -t plumbline .
ARG NODE_VERSION=20.20.2

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /plumbline
COPY package.json package-lock.json .npmrc ./
COPY libs libs
COPY apps apps
COPY tsconfig.base.json tsconfig.build.json tsconfig.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
RUN npm run build
# Kafka's compression codecs are optional dependencies too, so the engine is taken out by name instead of by --omit=optional.
RUN npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/chdb node_modules/@chdb \
  && find apps libs -type f -path '*/src/*' -delete \
  && find . -name '*.tsbuildinfo' -not -path './node_modules/*' -delete

FROM node:${NODE_VERSION}-bookworm-slim
LABEL org.opencontainers.image.title="Plumbline" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /plumbline
COPY --from=build --chown=root:root /plumbline ./
# Uploaded reference files lie here until they are read.
RUN mkdir /data && chown node:node /data
ENV PLUMBLINE_DATA_DIR=/data PLUMBLINE_HTTP_HOST=0.0.0.0
VOLUME /data
USER node
EXPOSE 8080 8081 8082 8083
# Node as process 1 gets SIGTERM itself, and drains. A supervisor waits for 30 s before it kills.
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=32", "apps/api/dist/main.js"]
