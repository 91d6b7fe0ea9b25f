# syntax=docker/dockerfile:1
FROM node:24-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --loglevel=error
COPY vite.config.ts tsconfig.json ./
COPY static/src static/src
# The style sheet holds the classes that the templates use.
COPY templates templates
RUN npm run build

FROM python:3.11-slim AS packages
RUN pip install --no-cache-dir uv
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --compile-bytecode

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 parley && install -d -o parley -g parley /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY . .
COPY --from=front-end /app/static/dist static/dist
# The voices of the embedded engine come as an npm package.
COPY --from=front-end /app/node_modules/kokoro-js/voices node_modules/kokoro-js/voices
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    PARLEY_VAR=/data \
    STATIC_ROOT=/app/staticfiles \
    HOST=0.0.0.0
# These values are for this one command; production refuses to start without its own.
RUN python -m config.runtime.messages \
    && SECRET_KEY=only-for-collecting-static-files-0123456789 ALLOWED_HOSTS=localhost python manage.py collectstatic --noinput
USER parley
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s CMD ["python", "-m", "config.runtime.healthy"]
CMD ["python", "-m", "config.runtime.serve"]
