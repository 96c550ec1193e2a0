# The portal as one image: web, worker and beat differ by their command only.

FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r /requirements.txt

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin konnect \
    && mkdir -p /app /data && chown konnect: /data
COPY --from=build /venv /venv
COPY manage.py /app/
COPY konnect /app/konnect
COPY matching /app/matching
COPY events /app/events
COPY templates /app/templates
COPY static /app/static
COPY locale /app/locale
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    KONNECT_ENVIRONMENT=production KONNECT_DATA_DIR=/data NUMBA_CACHE_DIR=/data/numba
WORKDIR /app
# Nothing secret: the settings only have to load. The files are the same for every installation.
RUN SECRET_KEY=only-to-collect-the-static-files-0123456789-0123456789 ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://localhost/none REDIS_URL=redis://localhost/0 \
    SITE_URL=https://localhost EMAIL_URL=dummymail:// \
    sh -c 'python manage.py messages --compile && python manage.py collectstatic --no-input'
USER konnect
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 \
    CMD ["python", "-m", "konnect.probe", "web"]
CMD ["gunicorn", "konnect.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "3", "--threads", "4", "--preload", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm"]
