#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made: the roles of the owner and of the application.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc \
  -v owner_password_file=/run/secrets/owner_password -v app_password_file=/run/secrets/app_password \
  -f /etc/plinth/roles.sql
