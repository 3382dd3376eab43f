# One image for every role. Not built where it was written (no engine there): see docs/operations.md.
FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY airlog airlog
COPY audio audio
COPY bot bot
COPY content content
COPY reports reports
COPY scheduler scheduler
COPY web web
RUN pip wheel --no-cache-dir --wheel-dir /wheels -c constraints.txt ".[postgres]"

FROM python:3.11-slim-bookworm
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "loaxa[postgres]" \
    && useradd --uid 10001 --create-home loaxa \
    && install -d -o loaxa -g loaxa /var/lib/loaxa
# psycopg's libpq reads PGPASSWORD; the secret comes as a file and never stands in a setting.
ENTRYPOINT ["sh", "-c", "if [ -n \"$PGPASSWORD_FILE\" ]; then PGPASSWORD=$(cat \"$PGPASSWORD_FILE\") && export PGPASSWORD; fi; exec \"$@\"", "--"]
ENV LOAXA_VAR_DIR=/var/lib/loaxa PYTHONUNBUFFERED=1
WORKDIR /var/lib/loaxa
VOLUME /var/lib/loaxa
USER loaxa
CMD ["loaxa", "run"]
