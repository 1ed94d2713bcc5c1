from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast, trigger
from clinics.templatetags.ui import money
from patients.forms.money import PaymentForm, VisitForm
from patients.views.showing import on_patient, record_showing, sent, show_again
from patients.visits import record_payment, record_visit


@require_http_methods(["GET", "POST"])
@staff_page("payment:create")
@on_patient
def payment_create(request, patient):
    form = PaymentForm(sent(request), patient=patient)
    return _fill_in(request, patient, form, "patients/payment_create.html", record_payment, _money_said)


@require_http_methods(["GET", "POST"])
@staff_page("patient:update")
@on_patient
def visit_create(request, patient):
    form = VisitForm(sent(request), patient=patient)
    return _fill_in(request, patient, form, "patients/visit_create.html", record_visit, _visit_said)


def _fill_in(request, patient, form, template, verb, said):
    """A dialog of the patient's page: shown, refused with what was typed, or done once however often it is sent."""
    if request.method == "GET" or not form.is_valid():
        record_showing(request, patient, part="dialog")
        return page(
            request, template, {"patient": patient, "form": form}, part="dialog", status=422 if form.errors else 200
        )
    try:
        row = verb(patient, form.values, by=request.member, key=form.cleaned_data["key"] or None)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, template, {"patient": patient, "form": form}, part="dialog", status=409)
    toast(request, said(row))
    return trigger(show_again(request, patient), "dialog:close")


def _money_said(payment):
    return _("%(amount)s is written down.") % {"amount": money(payment.signed_cents)}


def _visit_said(visit):
    return _("The visit is written down.")
