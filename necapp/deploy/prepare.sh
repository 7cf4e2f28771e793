#!/bin/sh
# The job `migrate` of docker-compose.yml: what has to be done before a version serves, each time, and again without harm.
set -eu
python manage.py migrate --no-input
python manage.py load_evidence
python manage.py publish_release "$(date '+%Y-%m-%d %H:%M')" --unless-put-back
python manage.py check --deploy --database default
