"""What became of each lead in an act on many, as the rows of a file."""

from django.utils.translation import gettext_lazy as _

HEADER = [_("Lead"), _("Phone"), _("E-mail"), _("Stage"), _("Outcome"), _("Reason")]


def csv_rows(rows):
    """Yield each lead of an act under HEADER; asks the database only while it is iterated."""
    for row in rows.iterator(chunk_size=500):
        lead = row.lead
        phone = lead.phone_e164 or lead.phone
        yield [lead.display_name, phone, lead.email, lead.stage.name, row.get_outcome_display(), row.reason]
