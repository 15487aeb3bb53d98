# Redis, out of Debian's packages, without a shell. Assembled by: node tools/images/build.mjs redis
ARG BASE=pickme/lucid:base-program
FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG UPSTREAM
COPY dist/images/redis-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/redis-${TARGETARCH}/volumes/ /
USER 1000:1000
EXPOSE 6379
VOLUME ["/data"]
ENV LUCID_HEALTH=redis:127.0.0.1:6379
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/usr/bin/redis-server", "/etc/redis/redis.conf"]
LABEL org.opencontainers.image.title="Lucid redis" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.lucid.service="redis" \
      org.lucid.upstream="${UPSTREAM}"
