from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from clinics.mail import absolute, password_link
from clinics.models import Clinic, User
from clinics.onboarding import open_clinic
from crm.forms.opening import OpenClinicForm
from crm.presets import load_preset


class Command(BaseCommand):
    help = "Open a clinic for somebody; a new person gets a link to set a password."

    def add_arguments(self, parser):
        parser.add_argument("--name", required=True)
        parser.add_argument("--preset", required=True, type=str.upper, choices=Clinic.Preset.values)
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--currency", default="USD")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, choices=[code for code, _ in settings.LANGUAGES]
        )
        parser.add_argument("--phone-region", default=settings.PHONE_REGION)
        parser.add_argument("--email", help="The clinic's own address; the owner's if it has none.")

    @transaction.atomic
    def handle(self, *, owner_email, email, language, **options):
        owner_email = owner_email.strip().lower()
        fields = {name: options[name] for name in ("name", "preset", "time_zone", "currency", "phone_region")}
        form = OpenClinicForm(fields | {"email": email or owner_email})
        try:
            validate_email(owner_email)
        except ValidationError as error:
            raise CommandError(f"--owner-email: {error.messages[0]}") from None
        if not form.is_valid():
            raise CommandError("; ".join(f"{name}: {', '.join(errors)}" for name, errors in form.errors.items()))
        owner = User.objects.filter(email=owner_email).first()
        is_new = owner is None
        owner = owner or User.objects.create_user(owner_email)
        clinic = open_clinic(owner=owner, language=language, **form.cleaned_data)
        load_preset(clinic)
        self.stdout.write(f"{clinic.name} is open ({clinic.slug}), and {owner_email} is its clinic admin.")
        if is_new:
            self.stdout.write(f"They set their password here, within three days:\n{password_link(owner)}")
        else:
            self.stdout.write(f"They sign in as before: {absolute('/')}")
