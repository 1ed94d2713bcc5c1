"""What a lead is called and how it stands, told by its plain facts."""

from django.utils.translation import gettext as _

from crm.models.choices import LeadStatus, TreatmentInterest

OPEN = (LeadStatus.NEW, LeadStatus.ACTIVE)


class LeadWords:
    """The words for a lead, for the row itself as for what a list has read of it."""

    __slots__ = ()

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        name = f"{self.first_name} {self.last_name}".strip()
        return name or self.phone or self.email or self.external_id or _("Name not known yet")

    @property
    def patient_name(self):
        return f"{self.patient_first_name} {self.patient_last_name}".strip()

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
