"""What happened with a lead: read its timeline, write down more of it."""

from django.http import HttpResponse
from ninja import Query, Router, Status

from clinics.api_access import needs
from clinics.api_fields import named
from clinics.api_paging import Listed, PageAsked, cut
from clinics.audit import record_read
from crm.activities import CONTACT, log_activity
from crm.api.activity_schemas import ActivityIn, ActivityOut
from crm.api.leads import find_lead
from crm.finishing import log_settling_call
from crm.models import ActivityType, Direction

router = Router(tags=["Activities"])


@router.get(
    "/leads/{uuid:lead_id}/activities",
    auth=needs("lead:read"),
    response=Listed[ActivityOut],
    summary="What happened with a lead",
)
def lead_activities(request, response: HttpResponse, lead_id: str, asked: Query[PageAsked]):
    """The timeline of a lead, newest first. That you read it stands on record."""
    lead = find_lead(lead_id)
    record_read(lead, by=request.member)
    return cut(
        request, response, lead.activities.for_timeline(), asked, draw=lambda rows: list(map(activity_out, rows))
    )


@router.post(
    "/leads/{uuid:lead_id}/activities",
    auth=needs("lead:update"),
    response={201: ActivityOut},
    summary="Log an activity",
)
def lead_activity_create(request, lead_id: str, sent: ActivityIn):
    """Write down a call, a message, a meeting or a note.

    An outgoing contact stops the speed-to-lead clock; a call in which they were spoken to ticks off the call of today.
    """
    facts = {name: value for name, value in sent.given().items() if value is not None}
    kind = facts.pop("type")
    direction = facts.pop("direction", Direction.OUTBOUND if kind in CONTACT else "")
    if kind == ActivityType.PHONE_CALL and direction == Direction.OUTBOUND:
        activity = log_settling_call(find_lead(lead_id), by=request.member, **facts)
    else:
        activity = log_activity(find_lead(lead_id), kind, by=request.member, direction=direction, **facts)
    return Status(201, activity_out(activity))


def activity_out(activity):
    is_move = activity.type == ActivityType.STAGE_CHANGE
    return {
        "id": activity.pk,
        "type": activity.type,
        "direction": activity.direction or None,
        "outcome": activity.outcome or None,
        "notes": activity.notes,
        "duration_minutes": activity.duration_minutes,
        "previous_stage": activity.payload.get("from") if is_move else None,
        "new_stage": activity.payload.get("to") if is_move else None,
        "occurred_at": activity.occurred_at,
        "created_at": activity.created_at,
        "created_by": named(activity.by),
    }
