"""What every view of a lead needs: the lead, its page, the page drawn again after an act, and the record of it."""

from dataclasses import dataclass
from datetime import date
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.db.models import Exists
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect

from clinics.access import may
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.forms.documents import DocumentForm
from clinics.models import ClinicUser, Role, Tag
from clinics.normalising import name_key
from clinics.pages import page, toast
from clinics.questions import Question
from clinics.rows import row_of
from crm.duplicates.merging import survivor_of
from crm.forms.activities import CallCorrectionForm, CallForm, NoteCorrectionForm, NoteForm, TaskForm
from crm.models import ActivityType, ConvertedPatient, FollowUpRun, Lead, LeadTag, Opportunity, PipelineStage
from crm.next_step import next_step
from crm.timeline import read_timeline, stage_path
from crm.trail import record_listing, was_shown_lately
from patients.models import Patient

TEMPLATE = "crm/lead_detail.html"
FOLLOW_UPS = 8
LOGS = {"call_form", "note_form", "task_form"}
OWNERS = {Role.TREATMENT_COORDINATOR, Role.CLINIC_ADMIN}
STAGES = Question(lambda: PipelineStage.objects.in_order())
MEMBERS = Question(lambda: ClinicUser.objects.active().for_list())
TAGS = Question(lambda lead: Tag.objects.annotate(is_on=Exists(LeadTag.objects.on_outer_tag(lead))))


@dataclass(frozen=True)
class Choosable:
    """A member of staff as a choice in a menu."""

    pk: UUID
    name: str
    is_away: bool

    @classmethod
    def of(cls, member):
        return cls(member.pk, member.display_name, member.is_out_of_office)


def on_lead(view):
    """Hand the lead of the address to a view, 404 if there is none here; a broken rule becomes a toast, status 409.

    The address of a lead that was merged leads to the one that is left.
    """

    @wraps(view)
    def on_that_lead(request, pk, **kwargs):
        try:
            lead = get_object_or_404(Lead.objects.present().for_page(), pk=pk)
        except Http404:
            survivor = survivor_of(pk) if request.method == "GET" else None
            if survivor is None:
                raise
            return redirect(survivor)
        try:
            return view(request, lead, **kwargs)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return show_lead(request, lead, part="refreshed", status=409)

    return on_that_lead


def on_record(view):
    """Write down that a page of many leads was shown, as record_listing does."""

    @wraps(view)
    def shown(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            record_listing(view.__name__, request.GET.urlencode(), by=request.member)
        return response

    return shown


def sent(request):
    """What a form was sent with, an empty one too; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def show_lead(request, lead, *, part, status=200, **forms):
    """A lead's page, or to htmx the named part of it; `forms` are those that were refused, with what was typed."""
    record_showing(request, lead, part=part)
    return page(request, TEMPLATE, lead_page(request, lead, forms), part=part, status=status)


def show_again(request, lead, *, part="refreshed", logged=None):
    """After an act: to htmx the parts of the page as they stand now, else the way back to the page.

    `logged` is a call that was just logged by key: the log stays open for the words that go with it.
    """
    if not request.htmx:
        return redirect(lead)
    lead = Lead.objects.present().for_page().get(pk=lead.pk)
    return page(request, TEMPLATE, lead_page(request, lead, {}, logged=logged), part=part)


def record_showing(request, lead, *, part):
    """Record that this member sees the lead: each page, but a part only if its page was not shown within the hour."""
    is_part = part and request.htmx
    if not (is_part and was_shown_lately(lead, request.member)):
        record_read(lead, by=request.member)


def lead_page(request, lead, forms, *, logged=None):
    """The context of a lead's page; `logged` is a call whose words and next step are still being written."""
    stages = STAGES.rows()
    members = working_members()
    asked = {"kind": request.GET.get("kind", ""), "text": request.GET.get("find", "")[:100]}
    timeline = read_timeline(lead, after=request.GET.get("older", ""), **asked)
    tasks = list(lead.tasks.open().select_related("assigned_to__user").order_by("due_at", "pk"))
    tags = TAGS.rows(lead=lead.pk)
    may_change = may(request.member, "lead:update") and not lead.is_locked
    return {
        "lead": lead,
        "email_parts": lead.email.partition("@"),
        "may_change": may_change,
        "may_move": may_change and lead.is_open,
        "steps": stage_path(lead, stages, lead.stage_changes.standing().order_by("changed_at")),
        "ahead": [stage for stage in stages if stage.order > lead.stage.order and stage.kind != stage.Kind.LOST],
        "household": family_of(lead),
        "patients_beside": patients_beside(request, lead),
        "touches": list(lead.touchpoints.select_related("source", "ad_campaign")[:12]),
        "timeline": timeline,
        "tasks": tasks,
        "follow_ups": list(FollowUpRun.objects.of_lead(lead)[:FOLLOW_UPS]),
        "next_step": next_step(lead, request.clinic, tasks),
        "conversion": lead.conversions.standing().with_people().first() if lead.is_locked else None,
        "members": members if lead.is_locked else (),
        "became": list(ConvertedPatient.objects.of_lead(lead)) if lead.is_locked else [],
        "consultation": lead.consultation,
        "wrong_numbers": set(lead.wrong_numbers),
        "documents": list(lead.documents.present().for_list()),
        "opportunity": opportunity_of(lead),
        "tags": [tag for tag in tags if tag.is_on],
        "more_tags": [tag for tag in tags if not tag.is_on] if may_change else [],
        "coordinators": tuple(Choosable.of(member) for member in members if member.role in OWNERS),
        "call_form": forms.get("call_form") or CallForm(lead=lead, members=members),
        "note_form": forms.get("note_form") or NoteForm(),
        "task_form": forms.get("task_form") or TaskForm(lead=lead, members=members),
        "document_form": forms.get("document_form") or DocumentForm(),
        "logged": logged or forms.get("logged"),
        "correction": forms.get("correction") or (logged and correction_form(None, lead, logged, members)),
        "log_mode": next(iter(forms.keys() & LOGS), "call_form").removesuffix("_form"),
    }


def opportunity_of(lead):
    """The opportunity of a lead from `for_page`, which brings its facts along; None without one."""
    if lead.deal is None:
        return None
    day = lead.deal["expected_date"]
    facts = {name: lead.deal[name] for name in ("procedure_code", "blocker")}
    return Opportunity(expected_date=day and date.fromisoformat(day), **facts)


def correction_form(data, lead, activity, members=None):
    """The form that corrects a call or note that was logged."""
    if activity.type != ActivityType.PHONE_CALL:
        return NoteCorrectionForm(data, activity=activity)
    task = row_of(lead.tasks.open(), activity.payload.get("next_task"))
    members = working_members() if members is None else members
    return CallCorrectionForm(data, lead=lead, members=members, activity=activity, task=task)


def family_of(lead):
    """Others whom the same phone or e-mail reaches, each with what is shared; never merged, only shown."""
    numbers = {lead.phone_e164, lead.phone_alt_e164} - {""}
    key = name_key(lead.first_name, lead.last_name)
    found = []
    for other in Lead.objects.present().sharing_contact_with(lead).select_related("stage").order_by("captured_at")[:12]:
        shares_phone = bool(numbers & {other.phone_e164, other.phone_alt_e164})
        shares_email = bool(lead.email_norm) and other.email_norm == lead.email_norm
        may_be_same = bool(key) and name_key(other.first_name, other.last_name) == key
        shared = {"shares_phone": shares_phone, "shares_email": shares_email, "may_be_same": may_be_same}
        found.append({"lead": other} | shared)
    return found


def patients_beside(request, lead):
    """Patients whom the same phone or e-mail reaches, for who may see patients; not those whom the lead became."""
    if not may(request.member, "patient:read") or lead.is_locked:
        return []
    numbers = (lead.phone_e164, lead.phone_alt_e164)
    return list(Patient.objects.present().reached_by(numbers=numbers, email=lead.email_norm).order_by("created_at")[:8])


def working_members():
    """Everybody at work in the clinic, for the forms that name somebody."""
    return MEMBERS.rows()
