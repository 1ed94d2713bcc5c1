from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import import_string

from clinics.models import Clinic, ClinicUser, User
from clinics.onboarding import open_clinic
from clinics.tenancy import clinic_scope
from crm.demo.assigning import set_up_assignment
from crm.demo.day import Day
from crm.demo.history import History
from crm.demo.money import Money
from crm.demo.people import DOMAIN, STAFF, hire_staff
from crm.figures.keeping import bring_up_to_date
from crm.presets import load_preset
from patients.demo.practice import Practice

NAME = "Downtown Medical Center"
PASSWORD = "recare-demo-clinic"  # noqa: S105 - only ever set on one's own machine, and printed there


class Command(BaseCommand):
    help = "Open the demo clinic with staff of each role and a year of history, on one's own machine."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="Do nothing if there is a clinic already.")

    @transaction.atomic
    def handle(self, *args, if_empty, **options):
        if if_empty and Clinic.objects.exists():
            return self._say_logins()
        if not settings.LOCAL:
            raise CommandError("The demo clinic has well-known passwords: it is opened only with LOCAL=1.")
        if Clinic.objects.filter(name=NAME).exists():
            raise CommandError("The demo clinic is open already.")
        first_name, last_name, _role = STAFF[0]
        email = f"{first_name.lower()}@{DOMAIN}"
        owner = User.objects.create_user(email, PASSWORD, first_name=first_name, last_name=last_name)
        clinic = open_clinic(
            name=NAME,
            preset=Clinic.Preset.ORTHODONTICS,
            owner=owner,
            email=f"hello@{DOMAIN}",
            time_zone="America/Chicago",
            subscription_tier=Clinic.Tier.PROFESSIONAL,
            subscription_status=Clinic.Status.ACTIVE,
            locations_limit=3,
        )
        load_preset(clinic)
        with clinic_scope(clinic):
            members, locations = hire_staff(clinic, password=PASSWORD)
            leads = History(members, locations).write()
            patients = Practice(clinic, members, locations).write()
            Money(members).write()
            Day(clinic, members).write()
            for fill in map(import_string, settings.DEMO):
                fill(clinic)
            set_up_assignment(clinic, members, locations)
            bring_up_to_date()
        self.stdout.write(f"{NAME} is open, with {leads} leads and {patients} patients.")
        return self._say_logins()

    def _say_logins(self):
        """Print who can log in to the demo clinic, if it is there."""
        demo = Clinic.objects.filter(name=NAME).first()
        if demo is None:
            return
        self.stdout.write(f"{NAME}: log in with the password {PASSWORD} as")
        with clinic_scope(demo):
            for member in ClinicUser.objects.active().select_related("user").order_by("created_at"):
                self.stdout.write(f"  {member.user.email:<28} {member.get_role_display()}")
