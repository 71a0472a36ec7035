# The image of a replica: the program, the libraries that it needs, and nothing to build or to look around with.
#
#   docker build -t sluice .
#   docker run --rm sluice version
#
# docs/containers.md tells how to run it.

ARG SWIFT_IMAGE=docker.io/library/swift:6.3-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends libcurl4-openssl-dev libpq-dev libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.* ./
COPY migrations ./migrations
COPY Sources ./Sources
# They are not built, but the manifest names their folders.
COPY Tests ./Tests
# What was built before stays in the builder's cache. The symbols stay in the program, so that a crash names its functions; the
# debugger's tables go.
RUN --mount=type=cache,target=/build \
    swift build -c release --product sluice --static-swift-stdlib --scratch-path /build \
    && strip --strip-debug -o /sluice "$(swift build -c release --show-bin-path --scratch-path /build)/sluice" \
    && cp "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/libexec/swift/linux/swift-backtrace-static" /

FROM ${DEBIAN_IMAGE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends ca-certificates libpq5 libstdc++6 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/debconf/* /var/log/apt /var/log/dpkg.log
RUN groupadd --gid 10001 sluice \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/sluice --shell /usr/sbin/nologin sluice \
    && install -d -o sluice -g sluice -m 0700 /var/lib/sluice
COPY --from=build /sluice /usr/local/bin/sluice
COPY --from=build /swift-backtrace-static /usr/local/libexec/swift-backtrace-static

# The journal of calls that an outage let through: it must outlive the container.
ENV LISTEN_HOST=0.0.0.0 LISTEN_PORT=8080 SLUICE_DATA_DIR=/var/lib/sluice \
    SWIFT_BACKTRACE=enable=yes,interactive=no,color=no,swift-backtrace=/usr/local/libexec/swift-backtrace-static
VOLUME /var/lib/sluice
EXPOSE 8080
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
# Alive, not ready: whoever restarts the unhealthy must not do so because the database is away.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["/usr/local/bin/sluice", "health"]
ENTRYPOINT ["/usr/local/bin/sluice"]
CMD ["serve"]

LABEL org.opencontainers.image.title="Sluice" \
    org.opencontainers.image.description="An exact sliding-window limit per user for LLM calls, on PostgreSQL"
