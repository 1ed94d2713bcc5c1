"""What people come for in each kind of practice: the appointment types that a new clinic begins with."""

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from clinics.tenancy import clinic_scope
from patients.models import AppointmentType
from patients.models.choices import Color

# name, minutes, colour, price in cents, due again after days
TYPES = {
    "ORTHODONTICS": (
        (_("Consultation"), 45, Color.BLUE, 0, None),
        (_("Records and X-rays"), 45, Color.AQUA, 25_000, None),
        (_("Bonding"), 90, Color.VIOLET, 120_000, 42),
        (_("Adjustment"), 20, Color.SAND, 18_000, 42),
        (_("Emergency"), 30, Color.PINK, 9_000, None),
        (_("Retainer check"), 20, Color.GREY, 8_000, 180),
    ),
    "MED_SPA": (
        (_("Consultation"), 30, Color.BLUE, 0, None),
        (_("Botox"), 30, Color.PINK, 45_000, 100),
        (_("Filler"), 45, Color.VIOLET, 68_000, 270),
        (_("Laser session"), 45, Color.AQUA, 32_000, 42),
        (_("Facial"), 60, Color.SAND, 16_000, 30),
        (_("Follow-up"), 15, Color.GREY, 0, None),
    ),
    "CHIROPRACTIC": (
        (_("First visit"), 60, Color.BLUE, 14_000, 7),
        (_("Chiropractic adjustment"), 15, Color.SAND, 6_500, 14),
        (_("Decompression"), 30, Color.AQUA, 9_500, 7),
        (_("Massage"), 60, Color.VIOLET, 11_000, 30),
        (_("Re-examination"), 30, Color.GREY, 8_500, 90),
    ),
}
BOOKED_ONLINE = {"Consultation", "First visit", "Emergency", "Massage", "Facial"}


@transaction.atomic
def load_appointment_types(clinic):
    """Give a new clinic the appointment types of its kind of practice, named in its language. Safe to repeat."""
    with clinic_scope(clinic), override(clinic.language):
        known = set(AppointmentType.objects.values_list("name", flat=True))
        AppointmentType.objects.bulk_create(
            AppointmentType(
                name=gettext(name),
                duration_minutes=minutes,
                color=color,
                price_cents=cents,
                recall_interval_days=days,
                is_booked_online=name in BOOKED_ONLINE,
            )
            for name, minutes, color, cents, days in TYPES[clinic.preset]
            if gettext(name) not in known
        )
