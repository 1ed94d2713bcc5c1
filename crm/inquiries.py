"""Reading what came in: from a payload of any channel to what is known of a lead, its touch and its words.

Each channel has one reader, listed here; it takes a LeadSubmission and returns an Inquiry, and writes nothing. A reader
raises InquiryUnclear for what it cannot read and NotAnInquiry for what is to be set aside.
"""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.module_loading import import_string

from clinics.models import Tag
from clinics.normalising import email_norm, phone_e164
from crm.models import AdCampaign, Lead, LeadSource, LeadSubmission, Touchpoint, TreatmentInterest
from crm.rules import EmailUnreadable, InquiryUnclear, NoAddress, PhoneUnreadable, SourceUnknown

Channel = LeadSubmission.Channel

# Who reads what, on one page: a channel that is missing here sends the fields of a lead under our own names.
READERS = {
    Channel.META: "crm.hooks.meta.read_submission",
    Channel.GOOGLE: "crm.hooks.google.read_submission",
    Channel.WEBHOOK: "crm.hooks.plain_json.read_submission",
    Channel.EMAIL: "crm.hooks.mail.read_submission",
    Channel.WEBFORM: "crm.public_forms.read_form",
    Channel.WALK_IN: "crm.public_forms.read_form",
    Channel.BOOKING: "crm.public_forms.read_form",
}

# What an inquiry may say of a lead, and of the touch that brought it.
LEAD_FIELDS = (
    "first_name", "last_name", "email", "phone", "phone_alt", "preferred_contact", "preferred_time",
    "patient_first_name", "patient_last_name", "patient_dob", "patient_relationship", "address_line1", "address_line2",
    "city", "state", "postal_code", "country", "source_campaign", "source_detail", "ad_platform", "external_id",
    "treatment_interest", "insurance_carrier", "insurance_member_id", "notes",
)  # fmt: skip
TOUCH_FIELDS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid", "landing_page",
    "referrer",
)  # fmt: skip


@dataclass
class Inquiry:
    """What somebody asks: `values` by field of Lead, `touch` by field of Touchpoint, `extra` for Lead.extra.

    `values["source"]` is a LeadSource, or the name of one, or missing.
    """

    values: dict
    touch: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)  # what else its entry on the timeline keeps


def read_inquiry(submission):
    """Understand a submission, corrections and the door it came through included; returns a complete Inquiry.

    Raises InquiryUnclear, NotAnInquiry, NoAddress, PhoneUnreadable, EmailUnreadable, SourceUnknown.
    """
    inquiry = preview_inquiry(submission)
    inquiry.values |= submission.corrections or {}
    inquiry.values = _complete(inquiry, submission)
    inquiry.touch = {name: _short(Touchpoint, name, text) for name, text in inquiry.touch.items() if text}
    inquiry.tags = inquiry.tags or list(Tag.objects.filter(pk__in=submission.context.get("tags", [])))
    _check_address(inquiry.values, region=submission.clinic.phone_region)
    return inquiry


def preview_inquiry(submission):
    """What the reader of its channel makes of a submission, before anything is checked or corrected."""
    reader = READERS.get(submission.channel)
    return import_string(reader)(submission) if reader else read_plain(submission)


def read_plain(submission):
    """Read a payload that uses our own names: fields of a lead, and of a touch, beside each other."""
    payload = submission.payload
    if not isinstance(payload, dict):
        raise InquiryUnclear
    values = {name: payload[name] for name in (*LEAD_FIELDS, "source") if payload.get(name)}
    return Inquiry(values=values, touch={name: payload[name] for name in TOUCH_FIELDS if payload.get(name)})


def _complete(inquiry, submission):
    """The values as a lead takes them; whatever else was sent stays in the submission alone."""
    given = {name: value for name, value in inquiry.values.items() if value not in (None, "", [])}
    values = {name: _value(name, given[name]) for name in LEAD_FIELDS if name in given}
    if submission.clinic.asks_full_names:
        _keep_unknown_interests(values, given)
    values["source"] = _source(given.get("source") or submission.context.get("source"))
    values["location_id"] = submission.context.get("location")
    values |= _advertising(inquiry.touch, values)
    if inquiry.extra:
        values["extra"] = inquiry.extra
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _value(name, value):
    if name == "treatment_interest":
        chosen = value if isinstance(value, list) else [value]
        return [each for each in chosen if each in TreatmentInterest.values]
    column = Lead._meta.get_field(name)
    if column.choices and value not in dict(column.choices):
        return None
    if isinstance(value, (dict, list)):
        raise InquiryUnclear
    if column.max_length or name == "notes":
        return _short(Lead, name, value)
    try:
        return column.to_python(value)
    except ValidationError as wrong:
        raise InquiryUnclear("; ".join(wrong.messages)) from None


def _short(model, name, value):
    """A text as its column takes it; the whole of it stays in the submission."""
    text = str(value).replace("\x00", "").strip()
    return text[: model._meta.get_field(name).max_length]


def _keep_unknown_interests(values, given):
    """An interest that is not on our list is what the person said, so it goes to their words."""
    asked = given.get("treatment_interest", [])
    asked = asked if isinstance(asked, list) else [asked]
    unknown = [str(each) for each in asked if each not in TreatmentInterest.values]
    if unknown:
        values["notes"] = "\n".join(filter(None, [", ".join(unknown), values.get("notes", "")]))


def _source(given):
    """The source that an inquiry or its door names, by row, id or name; None if neither names one."""
    if given is None or isinstance(given, LeadSource):
        return given
    source = LeadSource.objects.called(str(given))
    if source is None:
        raise SourceUnknown(str(given)[:120])
    return source


def _advertising(touch, values):
    """What the touch says about the advertisement: its platform, and the clinic's own campaign of that name."""
    platform = "Google" if touch.get("gclid") else "Meta" if touch.get("fbclid") else ""
    campaign = touch.get("utm_campaign") or values.get("source_campaign") or ""
    found = {"ad_platform": values.get("ad_platform") or platform}
    if campaign:
        found["source_campaign"] = _short(Lead, "source_campaign", campaign)
        found["ad_campaign"] = AdCampaign.objects.filter(name__iexact=str(campaign)).order_by("pk").first()
    return found


def _check_address(values, *, region):
    """Somebody must be there to answer; one address that works is enough."""
    phone, email = values.get("phone", ""), values.get("email", "")
    if not phone and not email:
        raise NoAddress
    if phone and phone_e164(phone, region=region):
        return
    if not email:
        raise PhoneUnreadable(phone)
    try:
        validate_email(email_norm(email))
    except ValidationError:
        raise EmailUnreadable(email) from None
