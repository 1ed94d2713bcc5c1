from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel
from clinics.models.base import clinic_index


class Household(ClinicModel):
    """People who share an address, a phone or an e-mail: one who decides and pays, one or more who are treated."""

    name = models.CharField(_("name"), max_length=160, blank=True, default="")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self):
        return self.name


class ContactPoint(ClinicModel):
    """A phone number or e-mail address; several people of a household may share one."""

    class Kind(models.TextChoices):
        PHONE = "PHONE", _("Phone")
        EMAIL = "EMAIL", _("E-mail")

    kind = models.CharField(max_length=5, choices=Kind)
    value = models.CharField(_("normalised"), max_length=254, help_text=_("E.164 number, or case-folded e-mail."))
    household = ClinicForeignKey(Household, on_delete=models.SET_NULL, null=True, related_name="contact_points")
    wrong_since = models.DateTimeField(_("reaches somebody else since"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [models.UniqueConstraint(fields=["clinic", "kind", "value"], name="contact_point_once_a_clinic")]

    def __str__(self):
        return self.value


class LeadContactPoint(ClinicModel):
    """That a lead can be reached at a contact point."""

    lead = ClinicForeignKey("crm.Lead", on_delete=models.CASCADE, related_name="contact_links")
    contact_point = ClinicForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="lead_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "lead", "contact_point"], name="lead_reached_once_at_a_point")
        ]
        indexes = [clinic_index("contact_point", name="leads_of_a_contact_point")]
