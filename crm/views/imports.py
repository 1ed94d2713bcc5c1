from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.pages import go_to, page, paginate, toast
from clinics.tables.errors import UnreadableFile
from crm.forms.import_reading import ReadingForm
from crm.forms.imports import MappingForm, UploadForm
from crm.importing.reading_in import read_again
from crm.importing.understanding import told_by
from crm.importing.undoing import start_undo
from crm.importing.uploading import accept_upload, discard_upload, save_mapping
from crm.importing.working import start_check, start_import
from crm.models import LeadImport, LeadImportRow


@require_GET
@staff_page("import:run")
def import_list(request):
    """The clinic's imports, newest first."""
    context = {"page": paginate(request, LeadImport.objects.for_list())}
    return page(request, "crm/import_list.html", context, part="import-rows")


@require_http_methods(["GET", "POST"])
@staff_page("import:run")
def import_create(request):
    """Choose a file; one that is no table at a glance is refused with the reason, and nothing of it is kept."""
    too_large = getattr(request, "upload_was_too_large", False)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*data, was_too_large=too_large)
    if form.is_valid():
        try:
            lead_import = accept_upload(request.clinic, form.cleaned_data["file"], by=request.member)
            return go_to(request, lead_import.get_absolute_url())
        except UnreadableFile as error:
            form.add_error("file", str(error))
    status = 422 if form.errors else 200
    return page(request, "crm/import_create.html", {"form": form}, part="import-upload", status=status)


@require_GET
@staff_page("import:run")
def import_detail(request, pk):
    """One import at whatever step it is: columns, trial, progress or result."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    return page(request, "crm/import_detail.html", _shown(request, lead_import), part="import-state")


@require_POST
@staff_page("import:run")
def import_mapping(request, pk):
    """Keep what the columns mean, and with “check” try the file out; “preview” only draws the form anew."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    form = MappingForm(request.POST, lead_import=lead_import)
    if "preview" in request.POST or not form.is_valid():
        status = 200 if "preview" in request.POST else 422
        context = _shown(request, lead_import) | {"form": form, "is_mapping": True}
        return page(request, "crm/import_detail.html", context, part="import-state", status=status)

    def change():
        save_mapping(lead_import, mapping=form.mapping(), options=form.options(), by=request.member)
        if "check" in request.POST:
            start_check(lead_import, by=request.member)

    return _answer(request, lead_import, change)


@require_POST
@staff_page("import:run")
def import_check(request, pk):
    """Try the file out as its columns are mapped now."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    return _answer(request, lead_import, lambda: start_check(lead_import, by=request.member))


@require_POST
@staff_page("import:run")
def import_run(request, pk):
    """Import what was tried out, or go on with what was stopped."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    seen = request.POST.get("tried_out_by")
    return _answer(request, lead_import, lambda: start_import(lead_import, by=request.member, tried_out_by=seen))


@require_POST
@staff_page("import:run")
def import_undo(request, pk):
    """Take an import back, as far as nobody has worked on its leads since."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    return _answer(request, lead_import, lambda: start_undo(lead_import, by=request.member))


@require_POST
@staff_page("import:run")
def import_delete(request, pk):
    """Take an upload away that was not imported."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    try:
        discard_upload(lead_import, by=request.member)
    except RuleBroken as broken:
        return _refused(request, lead_import, broken)
    toast(request, _("%(file)s is gone, nothing was imported.") % {"file": lead_import.file_name})
    return go_to(request, reverse("crm:import_list"))


@require_POST
@staff_page("import:run")
def import_read_again(request, pk):
    """Read the file with other letters, another separator or other headings than were found out, or try once more."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    form = ReadingForm(request.POST, lead_import=lead_import)
    if not form.is_valid():
        return _refused(request, lead_import, _("Choose how the file is to be read."))
    try:
        read_again(lead_import, form.reading, by=request.member)
    except (RuleBroken, UnreadableFile) as problem:
        return _refused(request, lead_import, problem)
    return go_to(request, f"{lead_import.get_absolute_url()}?columns")


def _answer(request, lead_import, change):
    """Do it and go to the import's page; a rule that stands against it is told there."""
    try:
        change()
    except RuleBroken as broken:
        return _refused(request, lead_import, broken)
    return go_to(request, lead_import.get_absolute_url())


def _refused(request, lead_import, broken):
    toast(request, broken, level="error")
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=lead_import.pk)
    return page(request, "crm/import_detail.html", _shown(request, lead_import), part="import-state", status=409)


def _shown(request, lead_import):
    is_mapping = lead_import.may_be_mapped and (
        lead_import.status != LeadImport.Status.CHECKED or "columns" in request.GET
    )
    rows = LeadImportRow.objects.latest_of(lead_import)
    return {
        "lead_import": lead_import,
        "is_mapping": is_mapping,
        "form": MappingForm(lead_import=lead_import) if is_mapping else None,
        "reading": ReadingForm(lead_import=lead_import) if lead_import.is_open else None,
        "told": told_by(lead_import) if is_mapping else [],
        "earlier": LeadImport.objects.of_same_file(lead_import).select_related("uploaded_by__user").first(),
        "problems": rows.shown("problems")[:20] if not is_mapping else [],
        "may_cancel": lead_import.is_at_work and may_steer(lead_import.job, request.member),
        "step": STEPS.get(lead_import.status, 1),
    }


STEPS = {"READING": 1, "UPLOADED": 1, "CHECKING": 2, "CHECKED": 2, "IMPORTING": 3, "DONE": 4, "UNDOING": 4, "UNDONE": 4}
