"""Making the forms that visitors fill in; what changes on one is seen at once by whoever opens it next."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.models.base import current_clinic_id
from clinics.public_tokens import new_token
from crm.form_words import ASKABLE, askable_in, usual_fields
from crm.models import Lead, LeadForm, LeadSource, SourceCategory
from crm.own_questions import MOST_QUESTIONS, is_own_name, problem_of
from crm.rules import (
    FieldRefused,
    FormNameTaken,
    FormWithoutAddress,
    OriginUnreadable,
    QuestionUnfinished,
    SomebodyWasFaster,
)

KEPT = (
    "name", "use", "fields", "texts", "language", "hue", "source", "tag", "location", "asks_consent", "asks_news",
    "privacy_url", "redirect_url", "allowed_origins", "confirms_by_email", "notice_hours", "days_ahead",
)  # fmt: skip
ADDRESSES = {"phone", "email"}
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(?=/|$)")


def blank_form(clinic, *, use=LeadForm.Use.WEB):
    """An unsaved form with the usual fields: what a new one begins as."""
    return LeadForm(clinic=clinic, use=use, fields=usual_fields(clinic), asks_consent=True)


def open_usual_forms(clinic):
    """The forms that a new clinic begins with: for its site, its front desk, and booking online; safe to repeat."""
    known = set(LeadForm.objects.values_list("name", flat=True))
    walk_in = LeadSource.objects.filter(category=SourceCategory.WALK_IN).order_by("pk").first()
    usual = [
        (_("Website form"), LeadForm.Use.WEB, None),
        (_("Front desk tablet"), LeadForm.Use.WALK_IN, walk_in),
        (_("Online booking"), LeadForm.Use.BOOKING, None),
    ]
    LeadForm.objects.bulk_create(
        LeadForm(name=name, use=use, source=source, fields=usual_fields(clinic), token=new_token(clinic.pk))
        for name, use, source in usual
        if name not in known
    )


@transaction.atomic
def create_form(clinic, values, *, by):
    """Open a new form with an address of its own; returns the LeadForm. Records "crm.form.created".

    Raises FormNameTaken, FormWithoutAddress, FieldRefused, QuestionUnfinished.
    """
    form = LeadForm(token=new_token(current_clinic_id()), **{name: values[name] for name in KEPT if name in values})
    _check(clinic, form)
    form.save(force_insert=True)
    record("crm.form.created", form, by=by, after={"name": form.name})
    return form


@transaction.atomic
def edit_form(form, values, *, version, by):
    """Change a form that is still what the editor saw; returns it. Records "crm.form.changed".

    Raises SomebodyWasFaster, FormNameTaken, FormWithoutAddress, FieldRefused, QuestionUnfinished.
    """
    form = _lock(form)
    changed = [name for name in KEPT if name in values and getattr(form, name) != values[name]]
    if not changed:
        return form
    if form.version != version:
        raise SomebodyWasFaster(form)
    for name in changed:
        setattr(form, name, values[name])
    _check(form.clinic, form)
    form.version += 1
    form.save(update_fields=[*changed, "version", "updated_at"])
    record("crm.form.changed", form, by=by, after={"name": form.name, "fields": changed})
    return form


@transaction.atomic
def set_form_open(form, is_open, *, by):
    """Close a form to visitors, or open it again at the same address; returns it.

    Records "crm.form.closed" or "crm.form.opened".
    """
    form = _lock(form)
    if form.is_active != is_open:
        form.is_active = is_open
        form.save(update_fields=["is_active", "updated_at"])
        record("crm.form.opened" if is_open else "crm.form.closed", form, by=by)
    return form


def readable_origin(text):
    """The site of an address (scheme and host) that may stand in a policy, or "" if it is none."""
    found = ORIGIN.match(text.strip().lower())
    return found[0] if found else ""


def _check_questions(clinic, form):
    """The names of the questions of the clinic's own, each fit to be asked; none where a clinic may ask none."""
    own = [entry for entry in form.fields if is_own_name(entry["name"])]
    if own and not clinic.asks_full_names:
        raise QuestionUnfinished(_("A clinic that keeps the least of leads asks no questions of its own."))
    if len(own) > MOST_QUESTIONS:
        words = _("A form has no more than %(count)s questions of your own.") % {"count": MOST_QUESTIONS}
        raise QuestionUnfinished(words)
    for problem in filter(None, map(problem_of, own)):
        raise QuestionUnfinished(problem)
    return {entry["name"] for entry in own}


def _lock(form):
    return LeadForm.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=form.pk)


def _check(clinic, form):
    names = {entry["name"] for entry in form.fields}
    if not names & ADDRESSES:
        raise FormWithoutAddress
    own = _check_questions(clinic, form)
    for name in sorted(names - set(askable_in(clinic)) - own):
        raise FieldRefused(name, Lead._meta.get_field(name).verbose_name if name in ASKABLE else name)
    if any(readable_origin(origin) != origin for origin in form.allowed_origins):
        raise OriginUnreadable
    if LeadForm.objects.filter(name=form.name).exclude(pk=form.pk).exists():
        raise FormNameTaken
