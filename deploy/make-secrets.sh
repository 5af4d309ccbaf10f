#!/bin/sh
# Makes what is missing in deploy/secrets, which compose.yaml hands to the containers; what is there stays.
# The directory is closed to other accounts of this machine. Its files are not: they are read by the accounts in containers.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 700 secrets
cd secrets

# keep <file>: writes standard input, unless the file is there
keep() {
  if [ -s "$1" ]; then cat > /dev/null; else cat > "$1"; fi
}
password() {
  openssl rand -hex 24
}

for name in postgres_password owner_password app_password redis_password grafana_password; do
  password | keep "$name"
done
printf 'k1=%s\n' "$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')" | keep jwt_keys

app="plinth_app:$(cat app_password)"
printf 'postgres://%s@pgbouncer:6432/plinth\n' "$app" | keep database_url
printf 'postgres://%s@postgres:5432/plinth\n' "$app" | keep database_direct_url
printf 'postgres://plinth_owner:%s@postgres:5432/plinth\n' "$(cat owner_password)" | keep migration_database_url
printf '"plinth_app" "%s"\n' "$(cat app_password)" | keep pgbouncer_users
printf 'redis://:%s@redis:6379\n' "$(cat redis_password)" | keep redis_url
printf 'requirepass %s\n' "$(cat redis_password)" | keep redis_conf

# For localhost, until a real one takes its place.
if [ ! -s tls.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out tls.crt -keyout tls.key 2> /dev/null
  chmod 644 tls.key
fi
echo "the secrets are in $(pwd)"
