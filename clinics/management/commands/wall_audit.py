from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinics.wall import clinic_models
from clinics.wall_audit import find_gaps


class Command(BaseCommand):
    help = "Prove from the database's catalogue that the wall between clinics has no gap."

    def handle(self, *args, **options):
        gaps = find_gaps(connection)
        for gap in gaps:
            self.stderr.write(gap)
        if gaps:
            raise CommandError(f"{len(gaps)} gaps in the wall.")
        self.stdout.write(f"The wall stands around {len(clinic_models())} tables.")
