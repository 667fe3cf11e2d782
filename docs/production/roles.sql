-- Two roles: the owner of the tables, who migrates, and the portal's, which owns nothing and so cannot switch off the
-- guards of ledger, documents and journal. Names and passwords come from the environment: none stands in a list of
-- processes or in a shell's history.
\set ON_ERROR_STOP on
\getenv owner OWNER
\getenv owner_password OWNER_PASSWORD
\getenv portal PORTAL
\getenv portal_password PORTAL_PASSWORD
-- A statement that fails, or is logged by a setting of the server, would leave its password in the log.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE :"portal" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'portal_password';
