FROM python:3.13-slim
WORKDIR /app
COPY requirements/production.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/production.txt
COPY . .
ENV STATIC_ROOT=/app/static-collected PYTHONUNBUFFERED=1
RUN SECRET_KEY=only-for-this-step python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system necapp
USER necapp
EXPOSE 8000
CMD ["gunicorn", "necapp.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--access-logfile", "-"]
