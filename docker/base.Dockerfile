# What every image of Lucid stands on: the distroless base, a user of ours, and a checker of health that needs no shell.
# Assembled by: node tools/images/build.mjs base
ARG BASE_IMAGE=gcr.io/distroless/nodejs20-debian12:nonroot
FROM ${BASE_IMAGE}
ARG TARGETARCH
ARG BASE_IMAGE
ARG BASE_ORIGIN=${BASE_IMAGE}
COPY dist/images/base-${TARGETARCH}/rootfs/ /
COPY --chown=1000:1000 dist/images/base-${TARGETARCH}/home/ /home/lucid/
ENV HOME=/home/lucid
WORKDIR /home/lucid
USER 1000:1000
LABEL org.lucid.base="${BASE_ORIGIN}"
