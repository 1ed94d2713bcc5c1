from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections

from clinics.wall import build_wall


class Command(MigrateCommand):
    """Migrate as the owner of the tables, then write the wall around every table of a clinic."""

    def handle(self, *args, **options):
        connection = connections[options["database"]]
        role = settings.DATABASE_ROLE
        self._become_owner(connection, role)
        try:
            super().handle(*args, **options)
            build_wall(connection, role=role)
        finally:
            connection.close()
            connection.settings_dict["OPTIONS"]["assume_role"] = role

    def _become_owner(self, connection, role):
        """The application's role owns nothing and may not exist yet: connect without it, and make it if need be."""
        connection.close()
        connection.settings_dict["OPTIONS"].pop("assume_role", None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                quoted = connection.ops.quote_name(role)
                cursor.execute(f"CREATE ROLE {quoted} NOLOGIN")
                cursor.execute(f"GRANT {quoted} TO CURRENT_USER")
