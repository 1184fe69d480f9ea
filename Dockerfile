# reviewbot as a command and as the service, once `docker build -t reviewbot .` has made the image:
#   docker run --rm -v "$PWD:/work:ro" -e ANTHROPIC_API_KEY reviewbot check
#   docker run --rm -e GITHUB_TOKEN -e ANTHROPIC_API_KEY reviewbot pr OWNER/REPO#N
# The service is started by compose.yaml; docs/service.md tells how, with and without it.
# The digest is that of python:3.13-slim; the requirements carry the hash of every file that is installed.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
WORKDIR /src
COPY .image .image
RUN python -m venv /opt/reviewbot \
    && /opt/reviewbot/bin/pip install --no-cache-dir --no-deps --require-hashes -r .image/requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY prompts prompts
COPY reviewbot reviewbot
RUN /opt/reviewbot/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/reviewbot/bin/python .image/sbom.py >/opt/reviewbot/sbom.cdx.json

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
# httpx2 trusts the system's certificates, and a work tree is read through git. Their versions are not pinned: the
# archive keeps only the newest of each.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 reviewbot \
    # The service's SQLite file; a volume that is mounted here for the first time gets this owner.
    && install -d -o reviewbot -g reviewbot /data \
    # What is mounted there belongs to whoever mounts it. git runs nothing of it (reviewbot calls it so).
    && git config --system --add safe.directory /work
COPY --from=build /opt/reviewbot /opt/reviewbot
ENV PATH="/opt/reviewbot/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    REVIEWBOT_DATABASE_URL=sqlite:////data/reviewbot.sqlite
USER 10001
WORKDIR /work
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# Of the service's web process. Where there is none, nobody asks, or whoever starts the container says what to ask.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import http.client; web = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); \
web.request('GET', '/healthz'); raise SystemExit(web.getresponse().status != 200)"]
ENTRYPOINT ["reviewbot"]
