# Marcaí in a container: the same requirements and the same steps as scripts/bootstrap, without the embedded servers.
# One image for every process; the command chooses: rasa, actions, worker, web, or "db upgrade".

FROM python:3.10-slim AS base
ENV PYTHONUNBUFFERED=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app
RUN groupadd --gid 10001 marcai && useradd --uid 10001 --gid marcai --create-home --shell /usr/sbin/nologin marcai

FROM base AS packages
RUN python -m pip install --no-cache-dir --disable-pip-version-check "uv>=0.9,<1"
COPY requirements/server.txt requirements/server.txt
RUN uv venv --no-project --python python3.10 .venv \
    && uv pip sync --no-cache --compile-bytecode --require-hashes --python .venv/bin/python requirements/server.txt
COPY pyproject.toml README.md ./
COPY marcai marcai
COPY actions actions
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && python -m compileall -q marcai actions

FROM packages AS model
COPY config.yml domain.yml credentials.yml endpoints.yml ./
COPY data data
RUN marcai train

FROM base AS product
COPY --from=packages /app /app
COPY config.yml domain.yml credentials.yml endpoints.yml notifications.yml ./
COPY data data
COPY tenants tenants
COPY --from=model /app/models models
# Numbers of all processes meet in this folder (docs/operating.md); a volume over it takes the owner from here.
RUN mkdir -p /var/lib/marcai/metrics && chown -R marcai:marcai /var/lib/marcai
ENV MARCAI_DATA_DIR=/var/lib/marcai PROMETHEUS_MULTIPROC_DIR=/var/lib/marcai/metrics
USER marcai
ENTRYPOINT ["marcai"]
CMD ["--help"]
