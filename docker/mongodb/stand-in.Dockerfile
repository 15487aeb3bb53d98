# In place of MongoDB where mongo:7 cannot be pulled: FerretDB (tools/ferretdb), with the variables and the volume of that image.
# Assembled by: node tools/images/build.mjs mongodb
ARG BASE=pickme/lucid:base-program
FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG UPSTREAM
COPY dist/images/mongodb-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/mongodb-${TARGETARCH}/volumes/ /
USER 1000:1000
EXPOSE 27017
VOLUME ["/data/db"]
ENV LUCID_HEALTH=mongodb:127.0.0.1:27017
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/lucid-health"]
ENTRYPOINT ["/usr/bin/ferretdb"]
LABEL org.opencontainers.image.title="Lucid mongodb, stand-in" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.lucid.service="mongodb" \
      org.lucid.mongodb="${UPSTREAM}" \
      org.lucid.upstream="${UPSTREAM}"
