from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.documents.reading import download
from clinics.errors import RuleBroken
from clinics.forms.documents import DocumentForm
from clinics.pages import toast
from crm.documents import add_document, delete_document, open_document, restore_document
from crm.models import LeadDocument
from crm.views.showing import on_lead, show_again, show_lead


@require_POST
@staff_page("lead:update")
@on_lead
def lead_document_add(request, lead):
    """Attach files; those that are not taken are named with the reason, the others stay."""
    form = DocumentForm(request.POST, request.FILES, was_too_large=getattr(request, "upload_was_too_large", False))
    if not form.is_valid():
        return show_lead(request, lead, part="documents", status=422, document_form=form)
    added = []
    for number, upload in enumerate(form.cleaned_data["files"]):
        try:
            added.append(add_document(lead, upload, by=request.member, key=form.key_of(number)))
        except RuleBroken as broken:
            form.add_error("files", f"{upload.name}: {broken}")
    if added:
        said = ngettext("%(count)d document added.", "%(count)d documents added.", len(added)) % {"count": len(added)}
        toast(request, said, undo=("crm:lead_document_delete", lead.pk, added[0].pk) if len(added) == 1 else None)
    if form.errors:
        return show_lead(request, lead, part="attached", status=422, document_form=form)
    return show_again(request, lead, part="attached")


@require_GET
@staff_page("lead:read")
@on_lead
def lead_document(request, lead, document_pk):
    """A document as a download, never shown inside the browser; who fetched it is on record."""
    document = get_object_or_404(LeadDocument.objects.present(), pk=document_pk, lead=lead)
    return download(document, open_document(document, by=request.member))


@require_POST
@staff_page("lead:update")
@on_lead
def lead_document_delete(request, lead, document_pk):
    document = get_object_or_404(LeadDocument, pk=document_pk, lead=lead)
    delete_document(document, by=request.member)
    said = _("%(document)s is deleted.") % {"document": document.name}
    toast(request, said, undo=("crm:lead_document_restore", lead.pk, document.pk))
    return show_again(request, lead)


@require_POST
@staff_page("lead:update")
@on_lead
def lead_document_restore(request, lead, document_pk):
    document = restore_document(get_object_or_404(LeadDocument, pk=document_pk, lead=lead), by=request.member)
    toast(request, _("%(document)s is back.") % {"document": document.name})
    return show_again(request, lead)
