from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from crm.purging import start_purge, what_is_due


class Command(BaseCommand):
    help = "Removes what is older than each clinic keeps it, as the nightly task does; --dry-run only says what is due."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count what is due, remove nothing")
        parser.add_argument("--clinic", default="", help="the short name of one clinic; otherwise all of them")

    def handle(self, *, dry_run, clinic, **options):
        clinics = Clinic.objects.filter(is_active=True).order_by("slug")
        clinics = clinics.filter(slug=clinic) if clinic else clinics
        if not clinics:
            raise CommandError(f"There is no clinic {clinic}.")
        for each in clinics:
            with clinic_scope(each):
                for due in what_is_due(each, now=timezone.now()):
                    since = f", the oldest of {due.oldest:%Y-%m-%d}" if due.oldest else ""
                    kept = f"kept {due.years} years, to {due.before:%Y-%m-%d}"
                    self.stdout.write(f"{each.slug}: {due.label} {kept}: {due.count} due{since}")
                if not dry_run:
                    run = start_purge(each)
                    words = "the job has begun" if run.finished_at is None else "nothing is due"
                    self.stdout.write(f"{each.slug}: {words}")
