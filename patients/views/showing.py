"""What each view of a patient needs: the patient, their page, that page drawn again after an act, the record of it."""

from datetime import timedelta
from functools import wraps

from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone

from clinics.access import may
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.forms.documents import DocumentForm
from clinics.models import AuditLog, Tag
from clinics.pages import page, toast
from clinics.rows import row_of
from patients.consent import consent_table
from patients.duplicates.merging import survivor_of
from patients.history import read_history
from patients.models import Patient, Visit
from patients.segments import Thresholds, why

TEMPLATE = "patients/patient_detail.html"
VIEWED = "patients.patient.viewed"
SHOWN_FOR = timedelta(hours=1)


def on_patient(view):
    """Hand the patient of the address to a view, 404 if there is none; a broken rule becomes a toast, status 409."""

    @wraps(view)
    def on_that_patient(request, pk, **kwargs):
        patient = row_of(Patient.objects.present().for_page(), pk)
        if patient is None:
            survivor = survivor_of(pk) if request.method == "GET" else None
            if survivor is None:
                raise Http404
            return redirect(survivor)
        try:
            return view(request, patient, **kwargs)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return show_patient(request, patient, part="refreshed", status=409)

    return on_that_patient


def sent(request):
    """What a form was sent with, an empty one too; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def show_patient(request, patient, *, part, status=200, **more):
    """A patient's page, or to htmx the named part of it."""
    record_showing(request, patient, part=part)
    return page(request, TEMPLATE, patient_page(request, patient) | more, part=part, status=status)


def show_again(request, patient, *, part="refreshed"):
    """After an act: to htmx the parts of the page as they stand now, or a named one; else the way back to the page."""
    if not request.htmx:
        return redirect(patient)
    patient = Patient.objects.present().for_page().get(pk=patient.pk)
    return page(request, TEMPLATE, patient_page(request, patient), part=part)


def record_showing(request, patient, *, part):
    """Record that this member sees the patient: each page, a part unless its page was shown within the hour."""
    if part and request.htmx:
        looks = AuditLog.objects.about(patient).of_doing(VIEWED, request.member)
        if looks.since(timezone.now() - SHOWN_FOR).exists():
            return
    record_read(patient, by=request.member)


def patient_page(request, patient):
    """The context of a patient's page."""
    now = timezone.now()
    household = []
    if patient.household_id:
        household = list(patient.household.patients.present().exclude(pk=patient.pk).order_by("created_at", "pk")[:20])
    tags = list(Tag.objects.of_links(patient.tag_links))
    return {
        "patient": patient,
        "tags": tags,
        "more_tags": [tag for tag in Tag.objects.all() if tag not in tags],
        "consents": consent_table(patient),
        "documents": list(patient.documents.present().for_list()),
        "document_form": DocumentForm(),
        "email_parts": patient.email.partition("@"),
        "may_change": may(request.member, "patient:update"),
        "household": household,
        "pays_for": list(patient.pays_for.present().order_by("name_key")[:20]),
        "coming": list(patient.appointments.standing().ending_after(now).for_list().in_order()[:10]),
        "overdue": list(patient.appointments.standing().over_by(now).for_list().in_order()[:5]),
        "why": why(patient, Thresholds.of(request.clinic), now),
        "charged_cents": Visit.objects.charged_to(patient).charged_cents(),
        "collected_cents": patient.payments.collected_cents(),
        "payments": list(patient.payments.newest_first()[:5]),
        "history": read_history(patient, kind=request.GET.get("kind", ""), skip=request.GET.get("older", "")),
    }
