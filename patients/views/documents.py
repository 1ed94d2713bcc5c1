from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.documents.reading import download
from clinics.errors import RuleBroken
from clinics.forms.documents import DocumentForm
from clinics.pages import toast
from patients.documents import add_document, delete_document, open_document, restore_document
from patients.models import PatientDocument
from patients.views.showing import on_patient, show_again, show_patient


@require_POST
@staff_page("patient:update")
@on_patient
def patient_document_add(request, patient):
    """Attach files; those that are not taken are named with the reason, the others stay."""
    form = DocumentForm(request.POST, request.FILES, was_too_large=getattr(request, "upload_was_too_large", False))
    if not form.is_valid():
        return show_patient(request, patient, part="documents", status=422, document_form=form)
    added = []
    for number, upload in enumerate(form.cleaned_data["files"]):
        try:
            added.append(add_document(patient, upload, by=request.member, key=form.key_of(number)))
        except RuleBroken as broken:
            form.add_error("files", f"{upload.name}: {broken}")
    if added:
        said = ngettext("%(count)d document added.", "%(count)d documents added.", len(added)) % {"count": len(added)}
        undo = ("patients:patient_document_delete", patient.pk, added[0].pk) if len(added) == 1 else None
        toast(request, said, undo=undo)
    if form.errors:
        return show_patient(request, patient, part="documents", status=422, document_form=form)
    return show_again(request, patient, part="documents")


@require_GET
@staff_page("patient:read")
@on_patient
def patient_document(request, patient, document_pk):
    """A document as a download; who fetched it is on record."""
    document = get_object_or_404(PatientDocument.objects.present(), pk=document_pk, patient=patient)
    return download(document, open_document(document, by=request.member))


@require_POST
@staff_page("patient:update")
@on_patient
def patient_document_delete(request, patient, document_pk):
    document = get_object_or_404(PatientDocument, pk=document_pk, patient=patient)
    delete_document(document, by=request.member)
    said = _("%(document)s is deleted.") % {"document": document.name}
    toast(request, said, undo=("patients:patient_document_restore", patient.pk, document.pk))
    return show_again(request, patient)


@require_POST
@staff_page("patient:update")
@on_patient
def patient_document_restore(request, patient, document_pk):
    document = get_object_or_404(PatientDocument, pk=document_pk, patient=patient)
    restore_document(document, by=request.member)
    toast(request, _("%(document)s is back.") % {"document": document.name})
    return show_again(request, patient)
