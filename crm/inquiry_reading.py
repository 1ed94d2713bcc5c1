"""An inquiry in words for the people who mend it: what came, line by line, and what could be made of it."""

from django.utils.translation import gettext_lazy as _

from crm.inquiries import preview_inquiry
from crm.rules import InquiryUnclear, NotAnInquiry

DEEPEST = 6
MOST_LINES = 200


def lines_of(payload, path="", depth=0):
    """A payload as (name, text) lines, nested names joined by dots; what lies deeper than people read is cut."""
    if depth > DEEPEST:
        return [(path, "…")]
    if isinstance(payload, dict):
        pairs = [(f"{path}.{name}" if path else str(name), value) for name, value in payload.items()]
    elif isinstance(payload, list) and any(isinstance(each, (dict, list)) for each in payload):
        pairs = [(f"{path}.{number}", value) for number, value in enumerate(payload, start=1)]
    elif isinstance(payload, list):
        return [(path or _("value"), ", ".join(map(str, payload)))]
    else:
        return [(path or _("value"), "" if payload is None else str(payload))]
    return [line for name, value in pairs for line in lines_of(value, name, depth + 1)][:MOST_LINES]


def lines_of_submission(submission):
    """The same of an inquiry; an answer to a question of the clinic's own stands under the question."""
    payload = submission.payload
    asked = payload.get("questions") if isinstance(payload, dict) else None
    if not isinstance(asked, list):
        return lines_of(payload)
    words = {f"posted.{question['name']}": question["question"] for question in asked}
    kept = {name: value for name, value in payload.items() if name != "questions"}
    return [(words.get(name, name), text) for name, text in lines_of(kept)]


def understood(submission):
    """The fields of a lead that could be read from an inquiry, to begin a correction with: {name: value}."""
    return preview_values(submission) | (submission.corrections or {})


def preview_values(submission):
    """The same without what was corrected; nothing where nothing could be read."""
    try:
        return preview_inquiry(submission).values
    except (InquiryUnclear, NotAnInquiry):
        return {}
