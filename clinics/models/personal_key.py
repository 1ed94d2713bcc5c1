from django.db import models

from clinics.encryption import EncryptedTextField
from clinics.models.base import ClinicModel


class PersonalKey(ClinicModel):
    """What opens the personal values of one person in the audit log; without it they are gone for good."""

    resource_type = models.CharField(max_length=60)
    resource_id = models.UUIDField()
    secret = EncryptedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "resource_type", "resource_id"], name="personal_key_once_a_person"
            )
        ]

    def __str__(self):
        return f"{self.resource_type} {self.resource_id}"
