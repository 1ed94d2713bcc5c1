from contextlib import nullcontext
from functools import partial

from django.core.management.base import BaseCommand, CommandError

from clinics.encryption import CannotUnseal, current_key_id
from clinics.key_rotation import on_old_keys, rotate, sealed_models
from clinics.models import Clinic
from clinics.second_factor import reseal_factor, sealed_factors_on_old_keys
from clinics.tenancy import clinic_scope


class Command(BaseCommand):
    help = "Seals encrypted columns anew under the first key of ENCRYPTION_KEYS. Safe to stop and to run again."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count the rows that are on old keys")
        parser.add_argument("--batch", type=int, default=200, help="rows in one transaction")

    def handle(self, *, dry_run, batch, **options):
        self.stdout.write(f"Current key: {current_key_id()}")
        left, unreadable = 0, 0
        for model, where, scope in self.places():
            with scope():
                waiting = on_old_keys(model).count()
            if waiting and not dry_run:
                done = rotate(model, within=scope, batch=batch)
                unreadable += len(done.unreadable)
                self.stdout.write(f"{model._meta.label}, {where}: {done.rotated} rows sealed anew")
                for pk in done.unreadable:
                    self.stderr.write(f"{model._meta.label} {pk} does not open with any key")
                with scope():
                    waiting = on_old_keys(model).count()
            if waiting:
                self.stdout.write(f"{model._meta.label}, {where}: {waiting} rows on old keys")
            left += waiting
        factors, closed = self.rotate_factors(dry_run)
        left, unreadable = left + factors, unreadable + closed
        self.stdout.write(f"Rows on old keys: {left}")
        if left and not dry_run:
            raise CommandError(f"{left} rows are still on old keys, {unreadable} of them do not open.")

    def rotate_factors(self, dry_run):
        """The secrets of second factors, which allauth keeps in a column of its own; returns (left, unreadable)."""
        waiting = sealed_factors_on_old_keys()
        unreadable = 0
        for row in () if dry_run else waiting:
            try:
                reseal_factor(row.pk)
            except CannotUnseal:
                unreadable += 1
                self.stderr.write(f"Second factor {row.pk} does not open with any key")
        left = waiting if dry_run else sealed_factors_on_old_keys()
        if waiting:
            self.stdout.write(f"Second factors: {len(waiting) - len(left)} sealed anew, {len(left)} on old keys")
        return len(left), unreadable

    def places(self):
        """Each model with sealed columns in each clinic, with the scope to open around its rows."""
        for model in sealed_models():
            if any(field.attname == "clinic_id" for field in model._meta.concrete_fields):
                for clinic in Clinic.objects.order_by("pk"):
                    yield model, clinic.slug, partial(clinic_scope, clinic)
            else:
                yield model, "all clinics", nullcontext
