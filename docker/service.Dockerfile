# One image for every Node service. It only copies what has been staged, so no other architecture needs emulation.
# Assembled by: node tools/images/build.mjs SERVICE, which says the arguments.
ARG BASE=pickme/lucid:base-services
FROM ${BASE}
ARG TARGETARCH
ARG SERVICE
ARG VERSION
ARG PORT
ARG PORTS=${PORT}
ARG PROTOCOL=http
ARG PLANE
ARG LAYER
ARG CODEC
COPY dist/images/${SERVICE}-${TARGETARCH}/app/ /app/
COPY --chown=1000:1000 dist/images/${SERVICE}-${TARGETARCH}/volumes/ /
WORKDIR /app
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0 LUCID_HEALTH=${PROTOCOL}://127.0.0.1:${PORT}/health
EXPOSE ${PORTS}
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
LABEL org.opencontainers.image.title="Lucid ${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.lucid.service="${SERVICE}" \
      org.lucid.plane="${PLANE}" \
      org.lucid.layer="${LAYER}" \
      org.lucid.zstd="${CODEC}"
