# MongoDB: the official image, a user of ours and the checker. Used where a registry has mongo:7; elsewhere mongodb/stand-in.Dockerfile.
# This one image has upstream's shell and packages. Assembled by: node tools/images/build.mjs mongodb
ARG BASE=mongo:7
FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG UPSTREAM
COPY dist/images/mongodb-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/mongodb-${TARGETARCH}/volumes/ /data/
USER 1000:1000
ENV LUCID_HEALTH=mongodb:127.0.0.1:27017
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]
CMD ["mongod"]
LABEL org.opencontainers.image.title="Lucid mongodb" \
      org.opencontainers.image.version="${VERSION}" \
      org.lucid.service="mongodb" \
      org.lucid.mongodb="${UPSTREAM}" \
      org.lucid.upstream="${UPSTREAM}"
