"""Payments from a file, step by step: upload, columns, trial, import, result, undo."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.pages import go_to, page, paginate, toast
from clinics.tables.errors import UnreadableFile
from patients.forms.payment_files import PaymentColumnsForm, PaymentFileForm
from patients.models import Payment, PaymentImport
from patients.payment_files.working import accept_file, import_payments, try_out, undo_payments

DETAIL = "patients/payment_import_detail.html"
SHOWN = 50  # problems on the page; the CSV has all


@require_http_methods(["GET", "POST"])
@staff_page("import:run")
def payment_import_list(request):
    """The files of payments, newest first, and the place to add one."""
    form = PaymentFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            file = accept_file(request.clinic, form.cleaned_data["file"], by=request.member)
            return go_to(request, file.get_absolute_url())
        except UnreadableFile as unreadable:
            form.add_error("file", str(unreadable))
    context = {"form": form, "page": paginate(request, PaymentImport.objects.for_list())}
    return page(request, "patients/payment_import_list.html", context, status=422 if form.errors else 200)


@require_GET
@staff_page("import:run")
def payment_import_detail(request, pk):
    """One file at whatever step it is."""
    return show_file(request, pk)


def show_file(request, pk, *, form=None, status=200):
    file = get_object_or_404(PaymentImport.objects.for_list(), pk=pk)
    context = {
        "file": file,
        "form": form or PaymentColumnsForm(file=file),
        "problems": file.problems[:SHOWN],
        "kept": Payment.objects.left_of(file) if file.status == PaymentImport.Status.UNDONE else 0,
        "may_cancel": file.job is not None and may_steer(file.job, request.member),
    }
    return page(request, DETAIL, context, part="state", status=status)


@require_POST
@staff_page("import:run")
def payment_import_try(request, pk):
    """Keep what the columns are and try the file out."""
    file = get_object_or_404(PaymentImport.objects.for_list(), pk=pk)
    form = PaymentColumnsForm(request.POST, file=file)
    if not form.is_valid():
        return show_file(request, pk, form=form, status=422)
    return _answer(request, file, lambda: try_out(file, form.mapping, by=request.member), form)


@require_POST
@staff_page("import:run")
def payment_import_run(request, pk):
    file = get_object_or_404(PaymentImport.objects.for_list(), pk=pk)
    return _answer(request, file, lambda: import_payments(file, by=request.member))


@require_POST
@staff_page("import:run")
def payment_import_undo(request, pk):
    """Every payment that the file has brought goes away again, but for what was given back since."""
    file = get_object_or_404(PaymentImport.objects.for_list(), pk=pk)

    def undo():
        undone = undo_payments(file, by=request.member)
        toast(request, _undone_words(undone.kept_count))

    return _answer(request, file, undo)


@require_GET
@staff_page("import:run")
def payment_import_csv(request, pk):
    """The rows that were not taken, each with its line and the reason."""
    file = get_object_or_404(PaymentImport, pk=pk)
    return csv_response("payment-problems", [_("Line"), _("Why")], file.problems)


def _undone_words(kept):
    if not kept:
        return _("The payments of this file are gone.")
    words = ngettext(
        "The payments of this file are gone but for %(n)d, since money was given back to that patient.",
        "The payments of this file are gone but for %(n)d, since money was given back to those patients.",
        kept,
    )
    return words % {"n": kept}


def _answer(request, file, change, form=None):
    try:
        change()
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return show_file(request, file.pk, form=form, status=409)
    return go_to(request, file.get_absolute_url()) if not request.htmx else show_file(request, file.pk)
