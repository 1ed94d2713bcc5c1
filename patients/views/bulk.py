from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.bulk_pages import BulkPages
from patients.bulk import start_bulk, undo_bulk
from patients.bulk_acts import ACTS, Kind
from patients.forms.bulk import FORMS, PatientsForm, facts_of
from patients.models import PatientAct, PatientActRow

HEADER = [gettext_lazy("Patient"), gettext_lazy("Phone"), gettext_lazy("E-mail"), gettext_lazy("Outcome")]
HEADER += [gettext_lazy("Reason")]

PATIENTS = BulkPages(
    start=start_bulk,
    undo=undo_bulk,
    kinds=Kind,
    acts=ACTS,
    selection=PatientsForm,
    forms=FORMS,
    facts_of=facts_of,
    act_model=PatientAct,
    row_model=PatientActRow,
    permission_for_all="patient:bulk",
    list_view="patients:patient_list",
    undo_view="patients:patient_bulk_undo",
    template="patients/patient_bulk_detail.html",
    changed="patients-changed",
    undone=lambda n: ngettext("%(n)s patient is as before.", "%(n)s patients are as before.", n) % {"n": n},
)


@require_POST
@staff_page("patient:update")
def patient_bulk_run(request, kind):
    return PATIENTS.run(request, kind)


@require_GET
@staff_page("patient:read")
def patient_bulk_detail(request, pk):
    return PATIENTS.show(request, pk)


@require_POST
@staff_page("patient:update")
def patient_bulk_undo(request, pk):
    return PATIENTS.take_back(request, pk)


@require_GET
@staff_page("patient:export")
def patient_bulk_csv(request, pk):
    return PATIENTS.file(pk, _("act on many patients"), HEADER, cells_of)


def cells_of(row):
    patient = row.patient
    phone = patient.phone_e164 or patient.phone
    return [patient.display_name, phone, patient.email, row.get_outcome_display(), row.reason]
