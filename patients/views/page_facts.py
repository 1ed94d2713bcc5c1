"""Small acts on a patient's page: tags, and what they agreed to."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.models import Tag
from clinics.pages import page, toast, trigger
from patients.consent import decide_consent
from patients.forms.bulk import TagForm
from patients.forms.consent import ConsentForm
from patients.tagging import tag_patient, untag_patient
from patients.views.showing import on_patient, record_showing, sent, show_again, show_patient


@require_POST
@staff_page("patient:update")
@on_patient
def patient_tags(request, patient):
    """Put one of the clinic's tags on a patient."""
    form = TagForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose a tag of this clinic."), level="error")
        return show_patient(request, patient, part="refreshed", status=422)
    return _put_on(request, patient, form.cleaned_data["tag"])


@require_POST
@staff_page("patient:update")
@on_patient
def patient_tag_add(request, patient, tag_pk):
    return _put_on(request, patient, get_object_or_404(Tag, pk=tag_pk))


@require_POST
@staff_page("patient:update")
@on_patient
def patient_tag_remove(request, patient, tag_pk):
    tag = get_object_or_404(Tag, pk=tag_pk)
    if untag_patient(patient, tag, by=request.member):
        toast(request, _("%(tag)s is off.") % {"tag": tag.name}, undo=("patients:patient_tag_add", patient.pk, tag.pk))
    return show_again(request, patient)


@require_http_methods(["GET", "POST"])
@staff_page("patient:update")
@on_patient
def patient_consent(request, patient):
    """Write down what a patient said about being contacted: for which purpose, on which channel, and how."""
    form = ConsentForm(sent(request), initial=request.GET.dict())
    if request.method == "GET" or not form.is_valid():
        record_showing(request, patient, part="dialog")
        context, status = {"patient": patient, "form": form}, 422 if form.errors else 200
        return page(request, "patients/patient_consent.html", context, part="dialog", status=status)
    decide_consent(patient, form.decision, by=request.member)
    toast(request, _("Written down."))
    return trigger(show_again(request, patient), "dialog:close")


def _put_on(request, patient, tag):
    if tag_patient(patient, tag, by=request.member):
        toast(
            request, _("%(tag)s is on.") % {"tag": tag.name}, undo=("patients:patient_tag_remove", patient.pk, tag.pk)
        )
    return show_again(request, patient)
