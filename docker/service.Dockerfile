# One image for every Node service: docker build -f docker/service.Dockerfile --build-arg SERVICE=session-chunker -t pickme/lucid:session-chunker .
# Build the bundle first (node tools/build.mjs SERVICE); this file only copies, so no emulation is needed for other architectures.
ARG BASE_IMAGE=gcr.io/distroless/nodejs20-debian12:nonroot
FROM ${BASE_IMAGE}
ARG SERVICE
WORKDIR /app
COPY dist/apps/${SERVICE}/ /app/
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0
HEALTHCHECK --interval=10s --timeout=5s --retries=3 CMD ["/nodejs/bin/node", "/app/main.mjs", "health"]
CMD ["/app/main.mjs"]
