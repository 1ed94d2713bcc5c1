"""What people decide about resources that wait: each decision is a run of its own, which can be taken back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken
from clinics.live import publish
from patients.duplicates.merging import merge_patients
from patients.editing import delete_patient, restore_patient
from patients.emr.applying import BATCH, apply_resources
from patients.emr.batch import KNOWN, Decision, plain
from patients.emr.outbox import plan_write
from patients.emr.policy import Winner
from patients.emr.runs import finish_run, start_run, take_up_waiting
from patients.emr.sources import Source
from patients.models import EmrChange, EmrIssue, EmrRecord, EmrRun, Patient

Resolution = EmrIssue.Resolution
GOES_THERE = frozenset({"died", "went", "deleted_there"})
# What can be answered to each kind of issue.
ANSWERS = {
    "may_be_known": ("link", "create", "ignore"),
    "several_known": ("link", "create", "ignore"),
    "id_of_another": ("link", "create", "ignore"),
    "patient_unknown": ("ignore",),
    "patient_waits": ("ignore",),
    "no_room_in_plan": ("ignore",),
    "no_time": ("ignore",),
    "both_changed": ("theirs", "ours"),
    "died": ("theirs", "ours"),
    "went": ("theirs", "ours"),
    "deleted_there": ("theirs", "ours"),
    "merged_there": ("theirs", "ours"),
    "deleted_here": ("theirs", "ours"),
}


class AlreadyDecided(RuleBroken):
    message = _("Somebody has decided this meanwhile.")


class NotAnAnswer(RuleBroken):
    message = _("This cannot be decided that way.")


class OneSourceAtATime(RuleBroken):
    message = _("Choose what comes from one EMR at a time.")


class NobodyChosen(RuleBroken):
    message = _("Choose which patient it is.")


class NobodyLeft(RuleBroken):
    message = _("The patient whom the EMR has kept is no longer here, so nobody can be merged.")


@transaction.atomic
def decide(issues, answer, *, by, patient=None):
    """Answer issues of one source: "theirs", "ours", "link" (to `patient`), "create" or "ignore". Returns the EmrRun.

    What stays as it is here is told to the EMR by itself. The run can be given to undo_run. Records
    "patients.emr_run.started" and "...finished". Raises AlreadyDecided, NotAnAnswer, OneSourceAtATime, NobodyChosen,
    NobodyLeft, what merge_patients raises, and PatientIsBooked when somebody who went has appointments ahead.
    """
    issues = list(
        EmrIssue.objects.select_for_update(of=("self",))
        .select_related("record__patient", "record__appointment", "connection")
        .filter(pk__in=[issue.pk for issue in issues])
        .order_by("pk")
    )
    if not issues or any(issue.resolved_at for issue in issues):
        raise AlreadyDecided
    if any(answer not in ANSWERS.get(issue.code, ()) for issue in issues):
        raise NotAnAnswer
    if len({issue.connection_id for issue in issues}) > 1:
        raise OneSourceAtATime
    if answer == "link" and patient is None:
        raise NobodyChosen
    connection, clinic = issues[0].connection, issues[0].clinic
    source = Source.of(connection) if connection else Source(clinic)
    run = start_run(EmrRun.Kind.REVIEW, by=by, connection=connection)
    if answer == "ignore":
        _ignore(issues, run)
    else:
        _answer(source, run, issues, answer, patient, by=by)
    EmrIssue.objects.filter(pk__in=[issue.pk for issue in issues]).update(
        resolution=WORDS[answer], resolved_at=timezone.now(), resolved_by=by, decided_in=run, updated_at=timezone.now()
    )
    take_up_all(source, run, by=by)
    if answer == "ours":
        _tell_ours(issues)
    return finish_run(run, by=by)


def _tell_ours(issues):
    """What stays as it is here is told to the EMR, where it may be written to and does not know it yet."""
    for issue in issues:
        appointment = issue.record and issue.record.appointment
        if issue.code == "both_changed" and appointment is not None:
            plan_write(appointment)


WORDS = {
    "theirs": Resolution.THEIRS,
    "ours": Resolution.OURS,
    "link": Resolution.LINKED,
    "create": Resolution.CREATED,
    "ignore": Resolution.IGNORED,
}


def take_up_all(source, run, *, by):
    while take_up_waiting(source, run, by=by) == BATCH:
        continue


def _answer(source, run, issues, answer, patient, *, by):
    decisions, resources = {}, []
    for issue in issues:
        if issue.code == "merged_there":
            if answer == "theirs":
                _merge(issue, run, by=by)
            continue
        if issue.code in GOES_THERE:
            if answer == "theirs" and issue.record.patient and not issue.record.patient.deleted_at:
                delete_patient(issue.record.patient, by=by)
                _note(issue, run, {"deleted_at": None}, {"deleted_at": "now"})
            continue
        if issue.code == "deleted_here":
            if answer == "ours":
                continue
            restore_patient(issue.record.patient, by=by)
        decisions[issue.resource_type, issue.external_id] = Decision(
            patient=patient,
            as_new=answer == "create",
            winner={"theirs": Winner.EMR, "ours": Winner.RECARE}.get(answer, ""),
        )
        resources.append(issue.payload)
    apply_resources(source, run, resources, by=by, again=True, decisions=decisions)


def _merge(issue, run, *, by):
    """Make one patient of two here too; the id that the EMR has given up leads to the one that is left."""
    left = Patient.objects.present().filter(pk__in=issue.candidates).first()
    if left is None or issue.record.patient is None:
        raise NobodyLeft
    before = plain({name: getattr(issue.record, name) for name in KNOWN})
    merge = merge_patients(left, issue.record.patient, by=by)
    issue.record.refresh_from_db()
    EmrChange.objects.create(
        run=run, record=issue.record, record_before=before, before={"merge": None}, after={"merge": str(merge.pk)}
    )
    run.count(issue.resource_type, "changed", 1)
    run.save()


def _ignore(issues, run):
    """Leave resources out for good: later versions of them are passed over too."""
    for issue in issues:
        _note(issue, run, None, None)
        if issue.record is not None:
            issue.record.state = EmrRecord.State.IGNORED
            issue.record.save(update_fields=["state", "updated_at"])
    run.count(issues[0].resource_type, "unchanged", len(issues))
    run.save()
    publish("emr-issues")


def _note(issue, run, before, after):
    known = plain({name: getattr(issue.record, name) for name in KNOWN}) if issue.record else None
    if issue.record is not None:
        EmrChange.objects.create(run=run, record=issue.record, record_before=known, before=before, after=after)
