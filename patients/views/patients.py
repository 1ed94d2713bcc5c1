from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, part, toast
from clinics.rows import row_of
from patients.forms.patients import PatientCreateForm, probe_of
from patients.matching import find_patients
from patients.models import Patient
from patients.registration import register_patient
from patients.views.showing import sent


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
    return row_of(Patient.objects.present(), text)


def _shared_with(patient):
    if patient is None:
        return {}
    shared = {name: getattr(patient, name) for name in ("last_name", "phone", "email")}
    return shared | {"responsible_party": patient.pk, "provider": patient.provider_id}
