"""Finding people from anywhere: what crm adds to the command palette."""

from django.utils.translation import gettext as _

from clinics.access import may
from clinics.normalising import name_key
from clinics.templatetags.ui import phone
from crm.models import Lead

MOST_FOUND = 8
MOST_READ = 50


def search_leads(member, text):
    """The newest leads whose words begin as `text` says, as a group of the command palette.

    Of the newest few dozen that fit at all, those that fit by name come first: that is how people are looked for.
    """
    if not may(member, "lead:read"):
        return None
    newest = Lead.objects.present().found_soon_by(text).newest_first().values("pk")[:MOST_READ]
    leads = Lead.objects.filter(pk__in=newest).select_related("stage").newest_first()
    found = sorted(leads, key=lambda lead: name_key(text) not in lead.name_key)
    return {"title": _("Leads"), "items": [_item(lead) for lead in found[:MOST_FOUND]]}


def _item(lead):
    known = [phone(lead.phone_e164 or lead.phone), lead.stage.name]
    return {
        "url": lead.get_absolute_url(),
        "label": lead.display_name,
        "note": " · ".join(filter(None, known)),
        "person": lead.pk,
    }
