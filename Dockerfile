# chatscale on Debian: docker build -t chatscale .
FROM debian:bookworm-slim AS build
WORKDIR /source
COPY . .
# What --version and chat_exporter_build_info show: --build-arg CHATSCALE_REVISION=$(git rev-parse --short HEAD)
ARG CHATSCALE_REVISION
RUN CHATSCALE_REVISION=$CHATSCALE_REVISION ./dev install /out

FROM debian:bookworm-slim
# The libraries that the program is linked with; ca-certificates for https and rediss.
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates libabsl20220623 libcpp-httplib0.11 libcrypt1 libcurl4 libfmt9 libhiredis0.14 libpq5 \
    libprometheus-cpp-core1.0 libsimdjson14 libspdlog1.10 libssl3 libstdc++6 libyaml-cpp0.7 zlib1g \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /out /usr/local
# For METRICS_STATE_FILE and METRICS_DECISIONS_FILE; a volume mounted here takes over the owner.
RUN install -d -o 65532 -g 65532 /var/lib/chatscale
# A fixed number, so that Kubernetes' runAsNonRoot can tell. Nothing is written outside a volume.
USER 65532:65532
EXPOSE 8090
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["chatscale", "healthcheck"]
ENTRYPOINT ["chatscale"]
CMD ["serve"]
