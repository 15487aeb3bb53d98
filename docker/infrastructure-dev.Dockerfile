# For development, and the one image that has a shell: SSH by key on 2222, git, Docker's client, Tor, Node and npm.
# Assembled by: node tools/images/build.mjs infrastructure-dev
ARG BASE=pickme/lucid:base
FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG UPSTREAM
COPY dist/images/infrastructure-dev-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/infrastructure-dev-${TARGETARCH}/volumes/ /home/
USER 1000:1000
EXPOSE 2222
VOLUME ["/home/lucid"]
ENV SHELL=/bin/bash LUCID_HEALTH=tcp:127.0.0.1:2222
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/usr/local/bin/lucid-dev"]
LABEL org.opencontainers.image.title="Lucid infrastructure-dev" \
      org.opencontainers.image.description="For development only: it has a shell" \
      org.opencontainers.image.version="${VERSION}" \
      org.lucid.service="infrastructure-dev" \
      org.lucid.shell="bash" \
      org.lucid.upstream="${UPSTREAM}"
