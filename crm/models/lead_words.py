"""What a lead is called and how it stands, told by its plain facts."""

from django.utils.translation import gettext as _

from clinics.normalising import visible
from crm.models.choices import LeadStatus, TreatmentInterest

OPEN = (LeadStatus.NEW, LeadStatus.ACTIVE)


class LeadWords:
    """The words for a lead, for the row itself as for what a list has read of it."""

    __slots__ = ()

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        name = visible(f"{self.first_name} {self.last_name}")
        return name or self.phone or self.email or self.external_id or _("Name not known yet")

    @property
    def patient_name(self):
        return visible(f"{self.patient_first_name} {self.patient_last_name}")

    @property
    def address_lines(self):
        """Where they live, as it is written on a letter: street, second line, town, country; none that is empty."""
        town = " ".join(filter(None, (self.city, self.state, self.postal_code)))
        return [line for line in (self.address_line1, self.address_line2, town, self.country) if line]

    @property
    def sent_by(self):
        """The name of the doctor, or else of the patient, who sent them; an empty text for nobody known."""
        return str(self.referring_provider or self.referring_patient or "")

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def is_locked(self):
        """A converted lead is history: nothing about it may change."""
        return self.status == LeadStatus.CONVERTED

    @property
    def interests(self):
        return [TreatmentInterest(value).label for value in self.treatment_interest]
