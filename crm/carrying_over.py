"""What follows a lead to the patients that it becomes: its tags, and what the person agreed to on our forms."""

from clinics.models import Tag
from crm.models import LeadSubmission
from patients.consent import Decision, decide_consent
from patients.models import Channel, ConsentSource, Purpose
from patients.tagging import tag_patient

# What a box of our forms is agreed to for; the wording is kept with what was sent.
PURPOSES = {"consent": Purpose.CARE, "news": Purpose.NEWS}


def carry_over(lead, patient, *, by):
    """Give a patient the tags of the lead and what was agreed to, with its wording and moment; safe to repeat.

    An undone conversion leaves both with somebody who was a patient before: they were said, and are on record.
    """
    for tag in Tag.objects.filter(lead_links__lead=lead):
        tag_patient(patient, tag, by=by)
    for decision, moment in agreed_by(lead):
        decide_consent(patient, decision, by=by, decided_at=moment)


def agreed_by(lead):
    """(Decision, moment) of each agreement that came with the inquiries of a lead, the oldest first."""
    by_phone = (Channel.SMS, Channel.VOICE) if lead.phone else ()
    channels = (*by_phone, *((Channel.EMAIL,) if lead.email else ()))
    for submission in LeadSubmission.objects.filter(lead=lead).order_by("received_at", "pk"):
        payload = submission.payload if isinstance(submission.payload, dict) else {}
        posted, wording = payload.get("posted") or {}, payload.get("agreement") or {}
        for box, purpose in PURPOSES.items():
            if any(posted.get(box, ())) and wording.get(box):
                for channel in channels:
                    said = Decision(channel, purpose, True, ConsentSource.FORM, wording[box][:1000])
                    yield said, submission.received_at
