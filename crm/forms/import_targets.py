"""The fields that a column of a file may hold, grouped as people look for them."""

from django.utils.translation import gettext_lazy as _

from crm.importing.refusing import REFUSING

TARGET_GROUPS = (
    (
        _("Person"),
        ("first_name", "last_name", "full_name", "combined", "patient_first_name", "patient_last_name", "patient_dob",
         "insurance_carrier", "insurance_member_id"),
    ),
    (
        _("How to reach them"),
        ("email", "phone", "phone_alt", "preferred_contact", "address_line1", "city", "state", "postal_code",
         "country"),
    ),
    (
        _("Where they stand"),
        (
            "stage",
            "status",
            "converted",
            "assigned_to",
            "tags",
            "created_at",
            "expected_value",
            "treatment_interest",
            "notes",
            "external_id",
        ),
    ),
    (
        _("Where they came from"),
        (
            "source",
            "source_detail",
            "source_campaign",
            "ad_platform",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_term",
            "utm_content",
            "gclid",
            "fbclid",
            "landing_page",
            "referrer",
        ),
    ),
    (_("What they refused"), tuple(REFUSING)),
)  # fmt: skip
