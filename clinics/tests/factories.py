import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinics.absence import add_absence
from clinics.audit import SYSTEM
from clinics.models import Clinic, ClinicUser, Location, Role, User

PASSWORD = "quiet-orchard-lamp-42"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    first_name = factory.Sequence(lambda n: f"Person{n}")
    last_name = "Example"
    password = factory.django.Password(PASSWORD)


class ClinicFactory(DjangoModelFactory):
    class Meta:
        model = Clinic

    name = factory.Sequence(lambda n: f"Clinic {n}")
    slug = factory.Sequence(lambda n: f"clinic-{n}")
    email = factory.Sequence(lambda n: f"clinic{n}@example.com")
    preset = Clinic.Preset.ORTHODONTICS


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Location {n}")


class ClinicUserFactory(DjangoModelFactory):
    class Meta:
        model = ClinicUser

    user = factory.SubFactory(UserFactory)
    role = Role.TREATMENT_COORDINATOR


def away(member, *, first=None, last=None, deputy=None):
    """Have a member be away from a day on; from today on where none is said."""
    add_absence(member, first_day=first or timezone.localdate(), last_day=last, deputy=deputy, by=SYSTEM)
    member.refresh_from_db()
