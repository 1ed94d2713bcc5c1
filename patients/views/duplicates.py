from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.duplicate_pages import DuplicatePages
from clinics.rows import row_of
from patients.duplicates import reviewing
from patients.duplicates.merge_choices import choices_between
from patients.duplicates.merging import merge_patients, merges_to_undo, undo_merge
from patients.duplicates.moving import counts_of
from patients.duplicates.near import near_to
from patients.filters import PairFilter
from patients.models import Patient, PatientMerge, PatientPair
from patients.views.showing import on_patient


def beside(text):
    """The patient whose id was given, or None: an id that is none, or another clinic's, finds nobody."""
    return row_of(Patient.objects.present(), text)


PATIENTS = DuplicatePages(
    pair_model=PatientPair,
    merge_model=PatientMerge,
    filter_class=PairFilter,
    reviewing=reviewing,
    merge=merge_patients,
    undo=undo_merge,
    merges_to_undo=merges_to_undo,
    near_to=near_to,
    choices_between=choices_between,
    moving=lambda survivor, other: counts_of(other),
    rank=lambda patient: (-patient.visit_count, patient.created_at),
    is_fixed=lambda patient: patient.deleted_at is not None,
    beside=beside,
    noun="patient",
    list_template="patients/patient_pair_list.html",
    pair_template="patients/patient_pair_detail.html",
    person_template="patients/patient_merge.html",
    list_view="patients:patient_pair_list",
    reopen_view="patients:patient_pair_reopen",
    undo_view="patients:patient_merge_undo",
    sweep=("patients.duplicate_sweep", gettext_lazy("Looking for patients who are here twice")),
    parted=lambda other, survivor: (
        _("%(other)s and %(survivor)s are two patients again.") % {"other": other, "survivor": survivor}
    ),
    stays=True,
)


@require_GET
@staff_page("patient:merge")
def patient_pair_list(request):
    return PATIENTS.show_list(request)


@require_GET
@staff_page("patient:merge")
def patient_pair_detail(request, pk):
    return PATIENTS.show(request, pk)


@require_POST
@staff_page("patient:merge")
def patient_pair_merge(request, pk):
    return PATIENTS.merge_pair(request, pk)


@require_POST
@staff_page("patient:merge")
def patient_pair_dismiss(request, pk):
    return PATIENTS.dismiss(request, pk)


@require_POST
@staff_page("patient:merge")
def patient_pair_reopen(request, pk):
    return PATIENTS.reopen(request, pk)


@require_POST
@staff_page("patient:merge")
def patient_pair_sweep(request):
    return PATIENTS.look_now(request)


@require_http_methods(["GET", "POST"])
@staff_page("patient:merge")
@on_patient
def patient_merge(request, patient):
    return PATIENTS.show_person(request, patient)


@require_POST
@staff_page("patient:merge")
def patient_merge_undo(request, pk):
    return PATIENTS.part_again(request, pk)
