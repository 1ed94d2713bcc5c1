from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections


class Command(FlushCommand):
    """Empty all tables as their owner: the application itself may not truncate."""

    def handle(self, **options):
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("RESET ROLE")
        try:
            super().handle(**options)
        finally:
            connections[options["database"]].close()
