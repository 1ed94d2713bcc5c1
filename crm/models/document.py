from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.document import Document, DocumentQuerySet
from crm.models.lead import Lead


class LeadDocument(Document):
    """A file that was attached to a lead."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="documents")

    objects = ScopedManager.of(DocumentQuerySet)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [clinic_index("lead", "-id", name="document_of_a_lead", condition=models.Q(deleted_at=None))]
