"""Opening a clinic, and bringing its people in and out."""

from django.db import transaction
from django.utils.text import slugify

from clinics.audit import record
from clinics.models import Clinic, ClinicUser, Location, Role
from clinics.tenancy import clinic_scope


@transaction.atomic
def open_clinic(*, name, preset, owner, email, **settings):
    """Open a clinic with its first location and `owner` (a User) as its clinic admin; returns the Clinic.

    `settings` are further fields of Clinic. Records "clinics.clinic.opened". What the preset brings is loaded by
    `crm.presets.load_preset`.
    """
    clinic = Clinic.objects.create(name=name, slug=free_slug(name), preset=preset, email=email, **settings)
    with clinic_scope(clinic):
        location = Location.objects.create(name=name)
        member = ClinicUser.objects.create(user=owner, role=Role.CLINIC_ADMIN, location=location)
        record("clinics.clinic.opened", by=member, after={"name": name, "preset": preset})
    return clinic


def free_slug(name):
    """A short name for addresses that no other clinic has."""
    wanted = slugify(name)[:50] or "clinic"
    taken = set(Clinic.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{number}" for number in range(2, 10_000))) if slug not in taken)
