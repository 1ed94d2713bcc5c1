from django.db import models
from django.db.models import Case, F, Q, When, Window
from django.db.models.functions import RowNumber

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from inbox.models.account import ChannelAccount


class SandboxDeliveryQuerySet(models.QuerySet):
    def of_person(self, account, address):
        """All that went between an account and one pretend person, the newest first."""
        theirs = Q(is_from_person=True, from_address=address) | Q(is_from_person=False, to_address=address)
        return self.filter(theirs, account=account).order_by("-id")

    def newest_of_each(self):
        """The last word with each pretend person at each account, as `person_address` says; the newest first."""
        person = Case(When(is_from_person=True, then=F("from_address")), default=F("to_address"))
        place = Window(RowNumber(), partition_by=[F("account"), F("person_address")], order_by=F("id").desc())
        rows = self.annotate(person_address=person).annotate(place=place).filter(place=1)
        return rows.select_related("account").order_by("-id")


class SandboxDelivery(ClinicModel):
    """What the pretend carrier was asked to deliver: the other end's phone and mailbox, for a page to show."""

    account = ClinicForeignKey(ChannelAccount, on_delete=models.CASCADE, related_name="sandbox_deliveries")
    external_message_id = models.CharField(max_length=255)
    to_address = models.CharField(max_length=254)
    from_address = models.CharField(max_length=254)
    is_from_person = models.BooleanField(default=False)  # what the pretend patient wrote
    subject = models.CharField(max_length=300, blank=True, default="")
    text = models.TextField(blank=True, default="")
    payload = models.JSONField(default=dict)

    objects = ScopedManager.of(SandboxDeliveryQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "account", "external_message_id"], name="sandbox_delivery_once")
        ]
        indexes = [clinic_index("to_address", "-id", name="sandbox_deliveries_of_a_person")]
