"""Moving a lead into a stage that asks something on entry: the answer and the move are one act."""

from django.db import transaction

from crm.consultations import book_consultation, remember_booking
from crm.editing import set_opportunity
from crm.models import Opportunity
from crm.moved_values import remember_value, value_of
from crm.pipeline import check_move, lock_lead, move_lead


@transaction.atomic
def enter_with_value(lead, stage, *, by, expected_value_cents):
    """Say what the treatment is worth (cents, more than 0) and move the lead; returns the StageChange, or None.

    What else is known of the opportunity stays. Undoing the move takes back what was said. Raises ValueNotPositive, and
    what move_lead raises.
    """
    lock_lead(lead)  # before anything hangs on it, so that a second click waits here and finds the lead moved
    known, before = Opportunity.objects.filter(lead=lead).first(), value_of(lead)
    if known is None or known.expected_value_cents != expected_value_cents:
        kept = {"procedure_code": known.procedure_code, "expected_date": known.expected_date} if known else {}
        set_opportunity(lead, by=by, expected_value_cents=expected_value_cents, **kept)
    change = move_lead(lead, stage, by=by)
    if change is not None and (after := value_of(lead)) != before:
        remember_value(change, before, after)
    return change


@transaction.atomic
def enter_with_appointment(lead, stage, *, by, key, anyway=False, **values):
    """Book the consultation, tie it to the lead and move the lead; returns the StageChange, or None.

    `values` are those of book_appointment (starts_at, type, provider), `anyway` books outside of working hours. The
    same `key` twice books once. Undoing the move cancels what it booked. Records "patients.appointment.booked". Raises
    what book_appointment and move_lead raise.
    """
    lead = lock_lead(lead)
    if lead.stage_id == stage.pk:
        return None
    check_move(lead, stage)
    replaced_id = lead.consultation_id
    appointment = book_consultation(lead, values, by=by, key=key, anyway=anyway)
    change = move_lead(lead, stage, by=by)
    remember_booking(change, appointment, replaced_id=replaced_id)
    return change
