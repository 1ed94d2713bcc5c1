"""What a clinic of MINIMAL lead privacy does not keep of an inquiry: named, and left out once somebody says so.

The path refuses: an inquiry that says more waits with its reason. Nobody loses it for that, since one press takes it
over without those fields, or, where the clinic has chosen so, it is taken over without them at once; what came stays as
it came, sealed.
"""

from django.db import transaction

from crm.inquiry_reading import preview_values
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import Lead, LeadSubmission
from crm.submissions import replay_submission


def leave_out_private(clinic, inquiry):
    """The Inquiry without what its clinic does not keep, if it wants that left out at once; its facts name it."""
    if clinic.asks_full_names or not clinic.leaves_out_private:
        return inquiry
    left_out = sorted(name for name in REFUSED_WHEN_MINIMAL if inquiry.values.pop(name, None))
    if left_out:
        inquiry.facts["left_out"] = left_out
    return inquiry


@transaction.atomic
def take_over_without(submissions, *, by):
    """Send inquiries through again without the fields that their clinic does not keep; returns how many.

    Those that wait for another reason are left alone. Records "crm.submission.replayed" for each.
    """
    refused = submissions.failed().because_of(LeadSubmission.Reason.PRIVATE)
    found = list(refused.select_for_update(of=("self",)).order_by("pk"))
    for submission in found:
        replay_submission(submission, by=by, corrections=dict.fromkeys(sorted(REFUSED_WHEN_MINIMAL), ""))
    return len(found)


def fields_left_out(submission):
    """The labels of what an inquiry said and its lead does not hold, or will not; none where the clinic keeps all."""
    if submission.clinic.asks_full_names:
        return []
    said = preview_values(submission)
    return [label_of(name) for name in sorted(REFUSED_WHEN_MINIMAL) if said.get(name)]


def label_of(name):
    """What a field of a lead is called."""
    return Lead._meta.get_field(name).verbose_name
