"""What visitors send in the tests of public forms."""

from crm.models import LeadSubmission

INTERESTS = ["RETAINER", "INVISALIGN"]
ANA = {"first_name": "Ana", "phone": "(212) 555-0101", "consent": "on", "treatment_interest": INTERESTS}
SITE = "https://www.clinic.example"


def hidden_of(page):
    """What the page itself puts into the form."""
    return page.context["touch"] | {"stamp": page.context["stamp"], "lang": "en", "website": ""}


def kept():
    return LeadSubmission.objects.get()
