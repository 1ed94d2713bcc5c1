from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.pages import go_to, page, paginate, toast
from patients.emr.files.tables import refusals_in
from patients.emr.files.uploading import accept_files, discard_file, map_columns
from patients.emr.files.working import start_check, start_import
from patients.emr.showing_runs import run_facts
from patients.emr.undoing import start_undo
from patients.forms.emr import ColumnsForm, EmrUploadForm
from patients.models import EmrFile

STEPS = {"UPLOADED": 1, "CHECKING": 2, "CHECKED": 2, "IMPORTING": 3, "DONE": 4, "UNDOING": 4, "UNDONE": 4}


@require_GET
@staff_page("clinic:configure")
def emr_file_list(request):
    """The files that were uploaded, newest first."""
    context = {"page": paginate(request, EmrFile.objects.for_list())}
    return page(request, "patients/emr_file_list.html", context, part="emr-files")


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def emr_file_create(request):
    """Choose files; one that cannot be read is refused with the reason, and nothing is kept."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EmrUploadForm(*data, was_too_large=getattr(request, "upload_was_too_large", False))
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("connection", "winner")}
        try:
            emr_file = accept_files(request.clinic, form.cleaned_data["files"], by=request.member, **facts)
            return go_to(request, emr_file.get_absolute_url())
        except RuleBroken as error:
            form.add_error("files", str(error))
    status = 422 if form.errors else 200
    return page(request, "patients/emr_file_create.html", {"form": form}, part="emr-upload", status=status)


@require_GET
@staff_page("clinic:configure")
def emr_file_detail(request, pk):
    """A file at whatever step it is: what was recognised, the trial, the progress or the result."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    return page(request, "patients/emr_file_detail.html", _shown(request, emr_file), part="emr-file")


@require_POST
@staff_page("clinic:configure")
def emr_file_columns(request, pk):
    """Say what the columns of its tables hold."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    form = ColumnsForm(request.POST, emr_file=emr_file)
    if not form.is_valid():
        return _refused(request, emr_file, _("Choose what each column holds."))
    return _answer(request, emr_file, lambda: map_columns(emr_file, form.columns(), by=request.member))


@require_POST
@staff_page("clinic:configure")
def emr_file_check(request, pk):
    """Try it out: what would be taken, and why the rest would not."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    return _answer(request, emr_file, lambda: start_check(emr_file, by=request.member))


@require_POST
@staff_page("clinic:configure")
def emr_file_import(request, pk):
    """Import what was tried out, or go on with what was stopped."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    return _answer(request, emr_file, lambda: start_import(emr_file, by=request.member))


@require_POST
@staff_page("clinic:configure")
def emr_file_undo(request, pk):
    """Take an import back, as far as nobody has worked with what it brought."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    return _answer(request, emr_file, lambda: start_undo(emr_file, by=request.member))


@require_POST
@staff_page("clinic:configure")
def emr_file_delete(request, pk):
    """Take an upload away that was not imported."""
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=pk)
    try:
        discard_file(emr_file, by=request.member)
    except RuleBroken as broken:
        return _refused(request, emr_file, broken)
    toast(request, _("%(file)s is gone, nothing was imported.") % {"file": emr_file.name})
    return go_to(request, reverse("patients:emr_file_list"))


def _answer(request, emr_file, change):
    try:
        change()
    except RuleBroken as broken:
        return _refused(request, emr_file, broken)
    return go_to(request, emr_file.get_absolute_url())


def _refused(request, emr_file, broken):
    toast(request, broken, level="error")
    emr_file = get_object_or_404(EmrFile.objects.for_list(), pk=emr_file.pk)
    return page(request, "patients/emr_file_detail.html", _shown(request, emr_file), part="emr-file", status=409)


def _shown(request, emr_file):
    form = ColumnsForm(emr_file=emr_file) if emr_file.may_be_mapped else None
    return {
        "emr_file": emr_file,
        "form": form,
        "step": STEPS[emr_file.status],
        "refusals": refusals_in(header for part in emr_file.parts for header in part["headers"]),
        "may_cancel": emr_file.is_at_work and may_steer(emr_file.job, request.member),
        **run_facts(emr_file.newest_run),
    }
