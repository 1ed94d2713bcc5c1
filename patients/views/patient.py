from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.audit import record, record_read
from clinics.audit_reading import read_entries
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, paginate, toast
from patients.dossier import DOSSIER_HEADER, dossier, dossier_rows
from patients.editing import delete_patient, edit_patient, erase_patient, restore_patient
from patients.forms.patients import EraseForm, PatientEditForm
from patients.models import Patient
from patients.rules import SomebodyWasFaster
from patients.views.showing import on_patient, record_showing, sent, show_patient


@require_GET
@staff_page("patient:read")
@on_patient
def patient_detail(request, patient):
    return show_patient(request, patient, part="older" if request.GET.get("older") else "refreshed")


@require_http_methods(["GET", "POST"])
@staff_page("patient:update")
@on_patient
def patient_edit(request, patient):
    """Everything that is known of a patient; over somebody's newer change both versions are shown, and one chooses."""
    record_showing(request, patient, part="")
    form = PatientEditForm(sent(request), patient=patient)
    form.begin_at(request.GET.get("field"))
    context = {"patient": patient, "form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "patients/patient_edit.html", context, status=422 if form.errors else 200)
    try:
        edit_patient(patient, form.values, version=form.cleaned_data["version"], by=request.member)
    except SomebodyWasFaster as faster:
        context |= {"current": faster.current, "differences": form.differences(faster.current)}
        return page(request, "patients/patient_edit.html", context, status=409)
    except RuleBroken as broken:
        form.refuse(broken)
        return page(request, "patients/patient_edit.html", context, status=422)
    toast(request, _("Saved."))
    return redirect(patient)


@require_POST
@staff_page("patient:delete")
@on_patient
def patient_delete(request, patient):
    delete_patient(patient, by=request.member)
    toast(request, _("%(patient)s is deleted.") % {"patient": patient}, undo=("patients:patient_restore", patient.pk))
    return go_to(request, reverse("patients:patient_list"))


@require_POST
@staff_page("patient:delete")
def patient_restore(request, pk):
    patient = get_object_or_404(Patient.objects.all(), pk=pk)
    try:
        restore_patient(patient, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return go_to(request, reverse("patients:patient_list"))
    toast(request, _("%(patient)s is back.") % {"patient": patient})
    return go_to(request, patient.get_absolute_url())


@require_GET
@staff_page("patient:export")
@on_patient
def patient_file(request, patient):
    """Everything that is kept of one patient, to be handed to them: JSON for machines, CSV for people."""
    wants_csv = request.GET.get("format") == "csv"
    record(
        "patients.patient.handed_out", patient, by=request.member, metadata={"format": "csv" if wants_csv else "json"}
    )
    name = f"patient-{str(patient.pk)[-8:]}"
    if wants_csv:
        return csv_response(f"{name}.csv", [str(words) for words in DOSSIER_HEADER], dossier_rows(patient))
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "private, no-store"}
    return HttpResponse(dossier(patient), content_type="application/json", headers=headers)


@require_http_methods(["GET", "POST"])
@staff_page("patient:erase")
@on_patient
def patient_erase(request, patient):
    """Erase who this was; the name is typed out, and nothing brings it back."""
    form = EraseForm(sent(request))
    if request.method == "GET" or not form.is_valid():
        record_showing(request, patient, part="dialog")
        context = {"patient": patient, "form": form}
        return page(request, "patients/patient_erase.html", context, part="dialog", status=422 if form.errors else 200)
    try:
        erase_patient(patient, typed_name=form.cleaned_data["typed_name"], by=request.member)
    except RuleBroken as broken:
        form.add_error("typed_name", str(broken))
        context = {"patient": patient, "form": form}
        return page(request, "patients/patient_erase.html", context, part="dialog", status=422)
    toast(request, _("The patient is erased."))
    return go_to(request, reverse("patients:patient_list"))


@require_GET
@staff_page("audit:read")
@on_patient
def patient_audit(request, patient):
    """Who saw this patient, and what was done to them."""
    record_read(patient, by=request.member)
    entries = paginate(request, AuditLog.objects.about(patient).for_list())
    return page(
        request, "patients/patient_audit.html", {"patient": patient, "page": entries, "rows": read_entries(entries)}
    )
