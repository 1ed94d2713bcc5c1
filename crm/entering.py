"""Moving a lead into a stage that asks something on entry: the answer and the move are one act."""

from django.db import transaction

from crm.editing import set_opportunity
from crm.models import Opportunity
from crm.pipeline import check_move, lock_lead, move_lead
from patients.scheduling import book_appointment


@transaction.atomic
def enter_with_value(lead, stage, *, by, expected_value_cents):
    """Say what the treatment is worth (cents, more than 0) and move the lead; returns the StageChange, or None.

    What else is known of the opportunity stays. Raises ValueNotPositive, and what move_lead raises.
    """
    lock_lead(lead)  # before anything hangs on it, so that a second click waits here and finds the lead moved
    known = Opportunity.objects.filter(lead=lead).first()
    if known is None or known.expected_value_cents != expected_value_cents:
        kept = {"procedure_code": known.procedure_code, "expected_date": known.expected_date} if known else {}
        set_opportunity(lead, by=by, expected_value_cents=expected_value_cents, **kept)
    return move_lead(lead, stage, by=by)


@transaction.atomic
def enter_with_appointment(lead, stage, *, by, key, **values):
    """Book the consultation, tie it to the lead and move the lead; returns the StageChange, or None.

    `values` are those of book_appointment (starts_at, type, provider); who comes is the patient that the lead speaks
    of. The same `key` twice books once. Records "patients.appointment.booked". Raises what book_appointment and
    move_lead raise.
    """
    lead = lock_lead(lead)
    if lead.stage_id == stage.pk:
        return None
    check_move(lead, stage)
    who = lead.patient_name or lead.display_name
    contact = {"contact_name": who, "contact_phone": lead.phone_e164 or lead.phone, "contact_email": lead.email}
    key = f"{lead.pk}-{key}" if key else None
    lead.consultation = book_appointment(contact | {"location": lead.location} | values, by=by, key=key)
    lead.save(update_fields=["consultation", "updated_at"])
    return move_lead(lead, stage, by=by)
