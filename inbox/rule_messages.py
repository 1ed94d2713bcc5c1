"""What a follow-up rule has due becomes a planned message, under the same consent, night and limits as every other."""

from datetime import timedelta

from django.utils import timezone, translation
from django.utils.formats import date_format

from clinics.audit import SYSTEM
from inbox.conversations import conversation_with
from inbox.merge_fields import FIELD, fill
from inbox.models import Purpose
from inbox.planning import plan_message
from inbox.rules import FieldsUnknown

OF_USE_FOR = timedelta(days=2)  # what has waited for longer would only puzzle them


def plan_for_rule(lead, due):
    """Plan the message that a rule has due for a lead; `due` is what "crm.follow_up.message_due" tells.

    The same run of a rule plans it once. Raises FieldsUnknown rather than send a text with a hole in it, and as
    plan_message does: the reaction then stands in the admin with its reason.
    """
    with translation.override(lead.clinic.language or "en"):
        values = _values_for(lead)
        text, subject = (_filled(template, values) for template in (due["text"], due.get("subject", "")))
    if FIELD.search(text + subject):
        raise FieldsUnknown
    return plan_message(
        conversation_with(lead, rests=True),
        channel=due["channel"],
        text=text,
        subject=subject,
        by=SYSTEM,
        dedupe_key=f"rule {due['run']}",
        purpose=Purpose.CARE,
        expires_at=timezone.now() + OF_USE_FOR,
        is_automatic=True,
    )


def _filled(template, values):
    """The text with its fields filled in; a time that ends with a full stop (“10 a.m.”) ends its sentence with it."""
    text = fill(template, values)
    return text.replace(f"{values['appointment']}.", values["appointment"]) if _ends_itself(values) else text


def _ends_itself(values):
    return values["appointment"].endswith(".")


def _values_for(lead):
    """What the fields of a rule's text stand for; those that are unknown are left out."""
    consultation, coordinator = lead.consultation, lead.assigned_to
    return {
        "first_name": lead.first_name,
        "clinic": lead.clinic.name,
        "coordinator": coordinator.short_name if coordinator else "",
        "appointment": date_format(timezone.localtime(consultation.starts_at), "DATETIME_FORMAT")
        if consultation
        else "",
    }
