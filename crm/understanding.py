"""Making of kept inquiries what they are: new leads, new touches, or a line in the list of what could not be read.

At least one attempt is made for each, effect and state in one transaction; what goes wrong on our side is tried again
with growing pauses and given up after a day, visibly. An inquiry that kills its worker is given up in the same way.
"""

from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import SYSTEM, record
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.tenancy import clinic_scope
from crm.asking_again import add_touch, find_same_person, lock_addresses, put_tags, tell_coordinator
from crm.confirming import wants_confirmation
from crm.inquiries import read_inquiry
from crm.intake import add_lead, build_lead
from crm.leaving_out import leave_out_private
from crm.models import LeadSubmission
from crm.online_booking import booking_patient, tie_to_lead, tie_to_patient
from crm.rules import (
    EmailUnreadable,
    FieldRefused,
    InquiryUnclear,
    NoAddress,
    NotAnInquiry,
    NoWayToReach,
    PhoneUnreadable,
    SourceUnknown,
)
from crm.submissions import INQUIRIES, lock_submission

log = structlog.get_logger("recare.inquiries")
AT_ONCE = 200  # inquiries that one task works off before it makes room for another clinic's
PAUSES = [
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
]
Status, Outcome, Reason = LeadSubmission.Status, LeadSubmission.Outcome, LeadSubmission.Reason
REASONS = {
    PhoneUnreadable: Reason.PHONE,
    EmailUnreadable: Reason.REACH,
    NoAddress: Reason.REACH,
    NoWayToReach: Reason.REACH,
    FieldRefused: Reason.PRIVATE,
    SourceUnknown: Reason.SOURCE,
    InquiryUnclear: Reason.UNCLEAR,
}
DECIDED = ["status", "outcome", "reason", "error", "lead", "processed_at", "updated_at"]


def process_due_submissions(clinic, *, at_most=AT_ONCE):
    """Work off the inquiries of a clinic that are due, the oldest first, each in transactions of its own.

    Returns how many were tried; two workers at once share them.
    """
    with translation.override(clinic.language):
        for count in range(at_most):
            with clinic_scope(clinic):
                claimed = _claim()
            if claimed is None:
                return count
            _try(clinic, claimed)
    return at_most


def _claim():
    """Count one more attempt for the next inquiry that is due, and return it; None when nothing is."""
    submission = LeadSubmission.objects.due(timezone.now()).select_for_update(skip_locked=True).first()
    if submission is None:
        return None
    if submission.attempts >= len(PAUSES):
        _fail(submission, Reason.TROUBLE, _("This went wrong several times. Look at it, and send it through again."))
        submission.save(update_fields=DECIDED)
        return submission
    submission.due_at = timezone.now() + PAUSES[submission.attempts]
    submission.attempts += 1
    submission.save(update_fields=["attempts", "due_at", "updated_at"])
    return submission


def _try(clinic, submission):
    try:
        with clinic_scope(clinic):
            process_submission(submission)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # whatever goes wrong, the next inquiry must have its turn
        log.exception("inquiry not processed", submission_id=str(submission.pk), error=type(error).__name__)


@transaction.atomic
def process_submission(submission, *, by=SYSTEM):
    """Make of a kept inquiry what it is: a new lead, or a touch on the card of somebody who asked before.

    Effect and state change together; one that was taken in or set aside already is left as it is. What a rule forbids,
    or nobody can read, waits as FAILED with the reason. Returns the submission as it stands then. Records
    "crm.submission.taken_in" if its form confirms it.
    """
    submission = lock_submission(submission)
    if submission.status != Status.RECEIVED:
        return submission
    try:
        with transaction.atomic():
            submission.lead, submission.outcome = _take_in(submission, by=by)
    except NotAnInquiry as none:
        submission.status, submission.error = Status.IGNORED, str(none)
    except RuleBroken as broken:
        _fail(submission, REASONS.get(type(broken), Reason.RULE), str(broken))
    else:
        submission.status, submission.processed_at = Status.PROCESSED, timezone.now()
    submission.save(update_fields=DECIDED)
    if wants_confirmation(submission):
        record("crm.submission.taken_in", submission, by=by)
    return submission


def _take_in(submission, *, by):
    clinic, inquiry = submission.clinic, leave_out_private(submission.clinic, read_inquiry(submission))
    lock_addresses(clinic, inquiry.values)
    patient = booking_patient(submission, inquiry.values)
    if patient is not None:
        tie_to_patient(submission, patient, by=by)
        return None, Outcome.PATIENT
    known, outcome = find_same_person(clinic, inquiry.values), Outcome.NEW_TOUCH
    if known is not None and not known.is_locked:
        lead = add_touch(known, inquiry, submission, by=by)
    else:
        lead, outcome = _add_lead(clinic, inquiry, submission, known, by=by), Outcome.NEW_LEAD
    tie_to_lead(submission, lead, by=by)
    return lead, outcome


def _add_lead(clinic, inquiry, submission, patient, *, by):
    """A new card; of somebody who became a `patient` already, for the coordinator who knows them."""
    values = inquiry.values
    if patient is not None:
        inquiry.facts["patient_as"] = str(patient.pk)
        owner = ClinicUser.objects.coordinators().filter(pk=patient.assigned_to_id).first()
        values = values | {"assigned_to": owner}
    lead = build_lead(clinic, values, by=by, moment=submission.received_at)
    add_lead(lead, submission, by=by, touch=inquiry.touch, facts=inquiry.facts)
    put_tags(lead, inquiry, by=by)
    tell_coordinator(lead, gettext_lazy("New lead: %(lead)s"))
    return lead


def _fail(submission, reason, words):
    submission.status, submission.reason, submission.error = Status.FAILED, reason, words
    publish(INQUIRIES)
