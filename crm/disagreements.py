"""Cards follow the schedule, forward and never back; where they cannot, the two disagree and somebody decides.

What moves a card: a consultation that is booked or attended. What only flags it: one that was missed or cancelled, or
whose time has passed without a word, a treatment that has begun, and a card that somebody moved past the schedule.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.absence import stand_in_for
from clinics.audit import SYSTEM, record
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from crm.conversion import Person, convert_lead
from crm.locking import lock_lead
from crm.models import Disagreement, Lead, LeadStatus, PipelineStage
from crm.pipeline import UNDO_WITHIN, check_move, move_lead, undo_move
from crm.rules import NothingToUndo, ReasonToKeepMissing, SettledAlready, UndoTooLate
from patients.models import Appointment, AppointmentStatus

Kind, Resolution, Fact = Disagreement.Kind, Disagreement.Resolution, PipelineStage.Fact
SETTLED_AFTER = timedelta(hours=12)  # so long after its end somebody should have said what came of an appointment
LOOK_BACK = timedelta(days=90)  # what nobody has said by then, nobody will
MOVED_LATELY = timedelta(minutes=10)
AT_ONCE = 200
NO_LONGER = (AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED)
# The stage to which one press moves the card.
MOVES_TO = {Kind.BOOKED: Fact.BOOKED, Kind.ATTENDED: Fact.ATTENDED}


def what_disagrees(lead, appointment, places, *, now, is_treated=False):
    """What the card of a lead says otherwise than the schedule: a Kind, or "" if they agree.

    `appointment` is its consultation or None, `places` the order of the stage of each Fact, `is_treated` whether they
    came again after the consultation.
    """
    is_standing = appointment is not None and appointment.is_open
    if lead.status == LeadStatus.LOST:
        return Kind.LOST if is_standing and appointment.ends_at > now else ""
    if not lead.is_open:
        return ""
    booked, attended = places.get(Fact.BOOKED), places.get(Fact.ATTENDED)
    is_before_booked = booked is not None and lead.stage.order < booked
    is_past_attended = attended is not None and lead.stage.order >= attended
    says_booked = booked is not None and lead.stage.order == booked
    if appointment is None or appointment.status in NO_LONGER:
        return Kind.NOTHING_BOOKED if says_booked else ""
    if is_standing and appointment.ends_at > now:
        return Kind.BOOKED if is_before_booked else Kind.NOT_YET if is_past_attended else ""
    if is_standing:
        return Kind.NO_OUTCOME if appointment.ends_at + SETTLED_AFTER <= now else ""
    if appointment.status == AppointmentStatus.NO_SHOW:
        return Kind.NOT_YET if is_past_attended else Kind.MISSED if says_booked else ""
    if is_treated and Fact.TREATED in places:
        return Kind.TREATED
    return Kind.ATTENDED if attended is not None and not is_past_attended else ""


@transaction.atomic
def follow_appointment(appointment_id):
    """Let the cards of an appointment's leads follow it, and say where that is not possible. Safe to repeat.

    Records what moving records. A missed consultation is told to the coordinator.
    """
    appointment = Appointment.objects.filter(pk=appointment_id).first()
    if appointment is None:
        return
    if appointment.replaces_id and appointment.is_open:
        Lead.objects.with_consultation(appointment.replaces_id).update(consultation=appointment)
    for found in Lead.objects.with_consultation(appointment.pk).order_by("pk"):
        lead = lock_lead(found)
        lead = _take_back_step(lead, appointment) or _step_forward(lead, appointment) or lead
        if appointment.status == AppointmentStatus.NO_SHOW and lead.is_open:
            _tell_missed(lead, appointment)
        compare_lead(lead.pk)
    if appointment.patient_id and appointment.status == AppointmentStatus.COMPLETED:
        others = Lead.objects.open().whose_consultation_was_of(appointment.patient_id)
        for lead_id in others.exclude(consultation=appointment).order_by("pk").values_list("pk", flat=True):
            compare_lead(lead_id)


def _step_forward(lead, appointment):
    """Move an open lead to the stage that says what has become of its consultation; returns it, or None."""
    fact = Fact.ATTENDED if appointment.status == AppointmentStatus.COMPLETED else Fact.BOOKED
    is_coming = appointment.is_open and appointment.ends_at > timezone.now()
    stage = PipelineStage.objects.filter(fact=fact, kind=PipelineStage.Kind.OPEN).first()
    if stage is None or not lead.is_open or not (fact == Fact.ATTENDED or is_coming):
        return None
    if stage.order <= lead.stage.order:
        return None
    try:
        check_move(lead, stage)
    except RuleBroken:
        return None
    change = move_lead(lead, stage, by=SYSTEM)
    change.before |= {"followed": str(appointment.pk)}
    change.save(update_fields=["before", "updated_at"])
    return lock_lead(lead)


def _take_back_step(lead, appointment):
    """When an appointment is open again that was done by mistake, the card that followed it goes back; or None."""
    if not appointment.is_open:
        return None
    followed = lead.stage_changes.standing().filter(by=None, before__followed=str(appointment.pk))
    change = followed.filter(to_stage__fact=Fact.ATTENDED, to_stage=lead.stage).order_by("-changed_at").first()
    if change is None:
        return None
    try:
        with transaction.atomic():
            return undo_move(change, by=SYSTEM)
    except RuleBroken:
        return None


def _tell_missed(lead, appointment):
    if lead.assigned_to is not None:
        member = stand_in_for(lead.assigned_to)
        with translation.override(language_of(member)):
            words = _("%(lead)s did not come. Call, and book another day.") % {"lead": lead}
        notify(member, "missed", words, url=lead.get_absolute_url())


@transaction.atomic
def compare_lead(lead_id):
    """Keep the one open disagreement of a lead as things are now; returns it, or None. What was kept stays quiet."""
    lead = (
        Lead.objects.select_related("stage", "consultation").filter(pk=lead_id).select_for_update(of=("self",)).first()
    )
    if lead is None:
        return None
    kind = "" if lead.deleted_at else _kind_of(lead)
    if kind and Disagreement.objects.kept(kind, lead.consultation_id).filter(lead=lead).exists():
        kind = ""
    known = Disagreement.objects.open().filter(lead=lead).first()
    if known is not None and (known.kind, known.appointment_id) == (kind, lead.consultation_id):
        known.save(update_fields=["updated_at"])
        return known
    if known is not None:
        _resolve(known, Resolution.GONE, by=SYSTEM)
    if not kind:
        return None
    publish("disagreements")
    return Disagreement.objects.create(lead=lead, kind=kind, appointment=lead.consultation, found_at=timezone.now())


def _kind_of(lead):
    places = dict(PipelineStage.objects.exclude(fact=Fact.NOTHING).values_list("fact", "order"))
    appointment = lead.consultation
    is_treated = False
    if appointment is not None and appointment.patient_id and appointment.status == AppointmentStatus.COMPLETED:
        later = Appointment.objects.of_patient(appointment.patient_id).filter(status=AppointmentStatus.COMPLETED)
        is_treated = later.filter(starts_at__gt=appointment.starts_at).exists()
    return what_disagrees(lead, appointment, places, now=timezone.now(), is_treated=is_treated)


def compare_due_leads(clinic):
    """Look at the leads about which time, or somebody who moved the card, may have changed something.

    A batch a transaction; returns how many. That it looks now and then, and not at each move, keeps moves quick.
    """
    with clinic_scope(clinic):
        ordered = sorted(_due_leads(timezone.now()))
    for start in range(0, len(ordered), AT_ONCE):
        with clinic_scope(clinic):
            for lead_id in ordered[start : start + AT_ONCE]:
                compare_lead(lead_id)
    return len(ordered)


def _due_leads(now):
    """The ids of leads to look at, found along indexes: over without a word, moved lately, changed since flagged."""
    flagged = Disagreement.objects.open()
    over = Appointment.objects.standing().filter(ends_at__lte=now - SETTLED_AFTER, starts_at__gt=now - LOOK_BACK)
    unsaid = Lead.objects.present().filter(consultation__in=over.order_by().values("pk"))
    unsaid = unsaid.exclude(pk__in=flagged.filter(kind=Kind.NO_OUTCOME).values("lead_id"))
    moved = Lead.objects.moved_since(now - MOVED_LATELY)
    changed = flagged.filter(lead__updated_at__gt=F("updated_at")).values_list("lead_id", flat=True)
    return {*unsaid.values_list("pk", flat=True), *moved.values_list("pk", flat=True), *changed}


@transaction.atomic
def move_card(disagreement, *, by):
    """Move the card to the stage that says what the schedule says; returns the StageChange, or None.

    Records "crm.lead.moved". Raises SettledAlready if they agree by now or one press cannot settle it, and what
    move_lead raises.
    """
    disagreement = _lock(disagreement)
    stage = PipelineStage.objects.filter(fact=MOVES_TO.get(disagreement.kind, "-")).first()
    if stage is None:
        raise SettledAlready
    change = move_lead(disagreement.lead, stage, by=by)
    _resolve(disagreement, Resolution.MOVED, by=by)
    return change


@transaction.atomic
def make_patient(disagreement, *, by):
    """Let the lead whose treatment has begun become the patient who came for it; returns the LeadConversion.

    Records what convert_lead records. Raises SettledAlready if they agree by now or nobody is known who came, and what
    convert_lead raises.
    """
    disagreement = _lock(disagreement)
    patient = disagreement.appointment.patient if disagreement.appointment else None
    if disagreement.kind != Kind.TREATED or patient is None:
        raise SettledAlready
    conversion = convert_lead(disagreement.lead, [Person(known=patient)], by=by)
    _resolve(disagreement, Resolution.MOVED, by=by)
    return conversion


@transaction.atomic
def keep_card(disagreement, reason, *, by):
    """Say why a card may stay as it is although the schedule says otherwise; returns the disagreement.

    It is quiet until something else is to be said. Records "crm.lead.card_kept". Raises ReasonToKeepMissing,
    SettledAlready.
    """
    if not reason.strip():
        raise ReasonToKeepMissing
    disagreement = _lock(disagreement)
    disagreement.reason = reason.strip()[:200]
    _resolve(disagreement, Resolution.KEPT, by=by)
    after = {"kind": disagreement.kind, "reason": disagreement.reason}
    record("crm.lead.card_kept", disagreement.lead, by=by, after=after)
    return disagreement


@transaction.atomic
def undo_keep(disagreement, *, by):
    """Ask again about a card that was kept. Records "crm.lead.card_keep_undone". Raises UndoTooLate, NothingToUndo."""
    lock_lead(disagreement.lead)
    row = Disagreement.objects.select_for_update().filter(pk=disagreement.pk, resolution=Resolution.KEPT).first()
    if row is None or Disagreement.objects.open().filter(lead=row.lead_id).exists():
        raise NothingToUndo
    if row.resolved_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    row.resolved_at, row.resolution, row.reason, row.by = None, "", "", None
    row.save(update_fields=["resolved_at", "resolution", "reason", "by", "updated_at"])
    record("crm.lead.card_keep_undone", row.lead, by=by, after={"kind": row.kind})
    publish("disagreements")
    return row


def open_disagreements():
    """Those that wait for somebody, for the number beside the page's name."""
    return Disagreement.objects.open()


def _lock(disagreement):
    lock_lead(disagreement.lead)
    row = Disagreement.objects.open().select_for_update(of=("self",)).select_related("lead__stage")
    row = row.filter(pk=disagreement.pk).first()
    if row is None:
        raise SettledAlready
    return row


def _resolve(disagreement, resolution, *, by):
    disagreement.resolved_at, disagreement.resolution, disagreement.by = timezone.now(), resolution, by
    disagreement.save(update_fields=["resolved_at", "resolution", "reason", "by", "updated_at"])
    publish("disagreements")
