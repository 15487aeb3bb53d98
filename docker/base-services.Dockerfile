# What every service stands on: the base, and the code that several of them have, once.
# Assembled by: node tools/images/build.mjs base
ARG BASE=pickme/lucid:base
FROM ${BASE}
COPY dist/images/base-services/app/ /app/
