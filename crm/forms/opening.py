import zoneinfo

import phonenumbers
from crispy_forms.layout import Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import Clinic

CURRENCIES = [
    ("USD", _("US dollar")),
    ("CAD", _("Canadian dollar")),
    ("MXN", _("Mexican peso")),
    ("EUR", _("Euro")),
    ("GBP", _("Pound sterling")),
    ("AUD", _("Australian dollar")),
]


def time_zones():
    """Every zone that is a place: America/Chicago -> "America: Chicago"."""
    places = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone.replace("/", ": ", 1).replace("_", " ").replace("/", ", ")) for zone in places]


def phone_regions():
    """Every region with its dialling code: US -> "US +1"."""
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    return sorted((region, f"{region} +{code}") for code, regions in codes for region in regions if region != "001")


class OpenClinicForm(Tagless, forms.Form):
    layout = Layout("name", "preset", "email", "time_zone", Row("currency", "phone_region"))

    name = forms.CharField(label=_("Name of the clinic"), max_length=120)
    preset = forms.ChoiceField(
        label=_("Kind of practice"),
        choices=Clinic.Preset.choices,
        widget=forms.RadioSelect,
        help_text=_("It brings stages, sources, tags and tasks to begin with. You can change all of them."),
    )
    email = forms.EmailField(label=_("E-mail of the clinic"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="America/New_York")
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES, initial="USD")
    phone_region = forms.ChoiceField(
        label=_("Phone numbers are of"),
        choices=phone_regions,
        initial="US",
        help_text=_("When they are written without a country code."),
    )
