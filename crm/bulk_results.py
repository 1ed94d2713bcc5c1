"""What became of each lead in an act on many, as the rows of a file."""

from django.utils.translation import gettext_lazy as _

HEADER = [_("Lead"), _("Phone"), _("E-mail"), _("Stage"), _("Outcome"), _("Reason")]


def cells_of(row):
    """The cells of one lead of an act, under HEADER."""
    lead = row.lead
    phone = lead.phone_e164 or lead.phone
    return [lead.display_name, phone, lead.email, lead.stage.name, row.get_outcome_display(), row.reason]
