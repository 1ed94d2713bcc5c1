from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.audit import record
from clinics.csv_export import csv_stream
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, part, toast
from patients.filters import PatientFilter
from patients.forms.patients import PatientCreateForm, probe_of
from patients.matching import find_patients
from patients.models import Patient
from patients.patient_table import HEADER, csv_rows, in_order, sort_asked
from patients.registration import register_patient
from patients.views.showing import sent


@require_GET
@staff_page("patient:read")
def patient_list(request):
    patient_filter = PatientFilter(request.GET, queryset=Patient.objects.present(), request=request)
    sort = sort_asked(request.GET)
    rows = in_order(patient_filter.qs.for_list().with_next_appointment(), sort)
    context = {"filter": patient_filter, "page": paginate(request, rows), "sort": sort}
    return page(request, "patients/patient_list.html", context, part="patients")


@require_GET
@staff_page("patient:export")
def patient_csv(request):
    """The filtered list as a file; that it was taken is on record, with the filters and how many people are in it."""
    patients = PatientFilter(request.GET, queryset=Patient.objects.present(), request=request).qs
    filters = {name: value for name, value in request.GET.items() if value}
    record("patients.patient.exported", by=request.member, metadata={"count": patients.count(), "filters": filters})
    name = _("patients %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    rows = csv_rows(in_order(patients, sort_asked(request.GET)))
    return csv_stream(name, [str(words) for words in HEADER], rows)


@require_http_methods(["GET", "POST"])
@staff_page("patient:create")
def patient_create(request):
    """A new patient; whoever shares a number, e-mail or name and birth date is shown before they are saved."""
    beside = _beside(request.GET.get("with"))
    form = PatientCreateForm(sent(request), beside=beside, initial=_shared_with(beside))
    context = {"form": form, "beside": beside}
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "patients/patient_create.html", context, part="dialog", status=status)
    people = find_patients(probe_of(form.cleaned_data, request.clinic))
    same = [match for match in people if match.is_same_person]
    if not {str(match.patient.pk) for match in same} <= set(request.POST.getlist("seen")):
        context |= {"people": people, "must_ask": True}
        return page(request, "patients/patient_create.html", context, part="dialog", status=409)
    try:
        values = {"location": request.member.location} | form.values
        patient = register_patient(request.clinic, values, by=request.member, key=form.cleaned_data["key"] or None)
    except RuleBroken as broken:
        form.refuse(broken)
        return page(request, "patients/patient_create.html", context, part="dialog", status=422)
    toast(request, _("%(patient)s is a patient now.") % {"patient": patient})
    return go_to(request, patient.get_absolute_url())


@require_GET
@staff_page("patient:create")
def patient_matches(request):
    """Who may be here already, while a name, number or e-mail is being typed."""
    people = find_patients(probe_of(request.GET, request.clinic))
    return part(
        request, "patients/patient_create.html#matches", {"people": people}, otherwise="patients:patient_create"
    )


def _beside(text):
    """The patient of whom a relative is entered (?with=), or None."""
    try:
        return Patient.objects.present().filter(pk=UUID(text)).first() if text else None
    except ValueError:
        return None


def _shared_with(patient):
    if patient is None:
        return {}
    shared = {name: getattr(patient, name) for name in ("last_name", "phone", "email")}
    return shared | {"responsible_party": patient.pk, "provider": patient.provider_id}
