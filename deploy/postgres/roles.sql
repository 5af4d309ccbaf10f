-- Two roles for one database: the owner, which migrates, and the application, which reads and writes rows and no more.
-- Of audit_log the application may read and add rows: see docs/audit.md.
--
--   psql -v owner_password_file=/run/secrets/owner -v app_password_file=/run/secrets/app -f roles.sql <admin's database url>
--
-- Run it as a superuser, or as the administrator of a managed server (CREATEROLE, and GRANT on the database), connected to
-- the database of the application. Before the first migration or after any: running it again does no harm, and sets the
-- passwords anew. -v owner=… and -v app=… give the roles other names.
\set ON_ERROR_STOP on

\if :{?owner} \else \set owner plinth_owner \endif
\if :{?app} \else \set app plinth_app \endif
\set owner_password `cat :'owner_password_file'`
\set app_password `cat :'app_password_file'`

SELECT :'owner_password' = '' OR :'app_password' = '' AS is_incomplete \gset
\if :is_incomplete
  \warn 'roles.sql: give owner_password_file and app_password_file, neither of them empty.'
  SELECT 'a password is missing' / 0; -- ends with status 3
\endif

BEGIN;

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY[:'owner', :'app']) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec

ALTER ROLE :"owner" PASSWORD :'owner_password';
ALTER ROLE :"app" PASSWORD :'app_password';

-- Nobody else makes tables; a temporary one could hide the log from its own session.
SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()),
       format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), :'owner'),
       format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'app') \gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";

-- What the owner will make, in public and in pgboss, which a migration makes. To say it for the owner is the owner's right.
SELECT format('GRANT %I TO CURRENT_USER', :'owner')
WHERE NOT pg_has_role(current_user, :'owner', 'USAGE') \gexec
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE ON SCHEMAS TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT EXECUTE ON FUNCTIONS TO :"app";

-- What is there already.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', nspname, :'app'),
       format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', nspname, :'app'),
       format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', nspname, :'app'),
       format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', nspname, :'app')
FROM pg_namespace WHERE nspname IN ('public', 'pgboss') \gexec
SELECT format('REVOKE ALL ON audit_log FROM %I, PUBLIC', :'app'), format('GRANT SELECT, INSERT ON audit_log TO %I', :'app')
WHERE to_regclass('public.audit_log') IS NOT NULL \gexec

-- A superuser, or a member of the owner, could do all that again.
SELECT rolsuper OR rolcreaterole OR pg_has_role(:'app', :'owner', 'MEMBER') AS is_too_mighty
FROM pg_roles WHERE rolname = :'app' \gset
\if :is_too_mighty
  \warn 'roles.sql: the application has a role that may make itself the owner. Nothing was changed.'
  SELECT 'the role of the application is too mighty' / 0;
\endif

COMMIT;
