-- One database for the two roles, before its first `migrate` or before a backup is put back into it.
\set ON_ERROR_STOP on
\getenv database DATABASE
\getenv owner OWNER
\getenv portal PORTAL
-- C.UTF-8: the same order on every machine, so that no index is out of order after an upgrade of the system.
CREATE DATABASE :"database" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"portal";
\connect :"database"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"portal";
-- Of every table that the owner will make.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"portal";
