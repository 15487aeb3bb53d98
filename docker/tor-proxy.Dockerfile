# Tor as SOCKS proxy, out of Debian's packages, without a shell. Assembled by: node tools/images/build.mjs tor-proxy
ARG BASE=pickme/lucid:base-program
FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG UPSTREAM
COPY dist/images/tor-proxy-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/tor-proxy-${TARGETARCH}/volumes/ /
USER 1000:1000
EXPOSE 9050 9051
VOLUME ["/var/lib/tor"]
ENV LUCID_HEALTH=tor:127.0.0.1:9051
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/usr/bin/tor", "-f", "/etc/tor/torrc", "--defaults-torrc", "/etc/tor/none"]
LABEL org.opencontainers.image.title="Lucid tor-proxy" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.lucid.service="tor-proxy" \
      org.lucid.upstream="${UPSTREAM}"
