#!/bin/sh
# From a checkout to an administrator who signs in, on a server with Docker: sh necapp/deploy/begin.sh NAME.OF.THE.SERVER
# Secrets that are there stay. Without a certificate one is made that browsers warn of: put the hospital's in its place.
set -eu
host=${1:?the name by which people reach the server}
mkdir -p secrets && chmod 700 secrets
umask 022 # the containers' users read them; the folder keeps others of this machine out
made() { test -s "secrets/$1" || openssl rand -base64 48 | tr -d '\n/+=' > "secrets/$1"; }
made secret_key
made seed_key
made database_password
test -s secrets/certificate.pem || openssl req -x509 -newkey rsa:3072 -nodes -days 90 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -keyout secrets/certificate.key -out secrets/certificate.pem 2>/dev/null
chmod 444 secrets/*
touch .env && chmod 600 .env
case ",$(sed -n 's/^ALLOWED_HOSTS=//p' .env)," in
*",$host,"*) ;;
,,) echo "ALLOWED_HOSTS=$host" >> .env ;;
*) echo "ALLOWED_HOSTS in .env names other hosts than $host: add it there, and begin again." >&2 && exit 1 ;;
esac
${COMPOSE:-docker compose} up --detach --build --wait
${COMPOSE:-docker compose} exec web python manage.py createsuperuser
echo "Sign in at https://$host/account/sign-in/ and set up the authenticator app; others are invited from there."
