"""Leads: list, read, add and change them."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from clinics.api_access import check_code, needs
from clinics.api_fields import chosen
from clinics.api_paging import Listed, cut
from clinics.api_problems import Problem
from clinics.api_versions import VERSIONED, check_version, etag
from clinics.audit import record, record_read
from clinics.models import ClinicUser, Location
from crm.api.drawing import lead_out, lead_summary, match_out
from crm.api.filtering import LeadsAsked, leads_asked
from crm.api.lead_schemas import CreatedLead, LeadChange, LeadIn, LeadOut, LeadSummary, MatchOut
from crm.editing import edit_lead, set_opportunity
from crm.intake import capture_lead
from crm.matching import find_matches
from crm.models import AdCampaign, Lead, LeadSource, LeadSubmission, Opportunity, ReferringProvider
from crm.pipeline import lock_lead

router = Router(tags=["Leads"])
ROWS = {
    "source": lambda: LeadSource.objects.all(),
    "ad_campaign": lambda: AdCampaign.objects.all(),
    "referring_provider": lambda: ReferringProvider.objects.all(),
    "location": lambda: Location.objects.all(),
    "assigned_to": lambda: ClinicUser.objects.active().select_related("user"),
}
OPPORTUNITY = ("expected_value_cents", "expected_date", "procedure_code")


def find_lead(lead_id):
    """The lead with this id; a foreign one and an unknown one are alike not found."""
    return get_object_or_404(Lead.objects.present().for_page(), pk=lead_id)


def shown(request, response, lead):
    """The lead as it stands now, with its version as ETag."""
    drawn = lead_out(lead, request.clinic)
    response["ETag"] = etag(drawn["version"])
    return drawn


@router.get("/leads", auth=needs("lead:read"), response=Listed[LeadSummary], summary="List leads")
def lead_list(request, response: HttpResponse, asked: Query[LeadsAsked]):
    """Leads that pass all filters, in the order of `sort`. The filters are those of the list of leads."""
    ids = leads_asked(request, asked)

    def draw(some):
        leads = Lead.objects.filter(pk__in=some).for_cards().in_bulk()
        return [lead_summary(leads[pk], request.clinic) for pk in some if pk in leads]

    listed = cut(request, response, ids, asked, draw=draw)
    filters = asked.model_dump(exclude_none=True, exclude_defaults=True)
    filters |= {"q": "•••"} if filters.get("q") else {}  # somebody's name, as a rule, and the log keeps it for good
    record("crm.lead.listed", by=request.member, metadata={"count": len(listed["items"]), "filters": filters})
    return listed


@router.get("/leads/matches", auth=needs("lead:create"), response=list[MatchOut], summary="Who may be here already")
def lead_matches(
    request,
    phone: Query[str] = "",
    email: Query[str] = "",
    first_name: Query[str] = "",
    last_name: Query[str] = "",
):
    """People with the same phone number or e-mail, or with a name that begins alike: ask before you add a lead."""
    typed = {"phone": phone[:40], "email": email[:254], "first_name": first_name[:80], "last_name": last_name[:80]}
    return [match_out(match) for match in find_matches(request.clinic, typed).people]


@router.post("/leads", auth=needs("lead:create"), response={201: CreatedLead}, summary="Add a lead")
def lead_create(request, response: HttpResponse, sent: LeadIn):
    """Take a lead in: it gets a stage, a coordinator and a first touch, as one that is entered by hand."""
    if sent.assigned_to is not None:
        check_code(request, "lead:assign")
    values = _values(sent.given())
    matches = find_matches(request.clinic, values).shared
    if matches and values.get("if_known") == "refuse":
        words = _("Somebody with this phone number or e-mail is here already.")
        raise Problem(409, "lead-is-known", words, possible_duplicates=[match_out(match) for match in matches])
    values.pop("if_known", None)
    lead = capture_lead(request.clinic, values, by=request.member, channel=LeadSubmission.Channel.API)
    drawn = shown(request, response, lead)
    response["Location"] = f"/api/leads/{lead.pk}"
    return Status(201, drawn | {"possible_duplicates": [match_out(match) for match in matches]})


@router.get("/leads/{uuid:lead_id}", auth=needs("lead:read"), response=LeadOut, summary="Read a lead")
def lead_detail(request, response: HttpResponse, lead_id: str):
    """Everything that is known of a lead. That you read it stands on record."""
    lead = find_lead(lead_id)
    record_read(lead, by=request.member)
    return shown(request, response, lead)


@router.api_operation(
    ["PUT", "PATCH"],
    "/leads/{uuid:lead_id}",
    auth=needs("lead:update"),
    response=LeadOut,
    summary="Change a lead",
    openapi_extra=VERSIONED,
)
def lead_update(request, response: HttpResponse, lead_id: str, sent: LeadChange):
    """Change the fields that are sent, if the lead is still the version that `If-Match` names."""
    lead = find_lead(lead_id)
    values = _values(sent.given())
    if values.get("source", lead) is None:
        raise Problem(422, errors=[{"field": "source", "message": _("Every lead has a source.")}])
    with transaction.atomic():
        lead = lock_lead(lead)
        check_version(request, lead.version, current=lambda: LeadOut.model_validate(lead_out(lead, request.clinic)))
        worth = {name: values.pop(name) for name in OPPORTUNITY if name in values}
        lead = edit_lead(lead, values, version=lead.version, by=request.member)
        if worth:
            set_opportunity(lead, by=request.member, **_worth(lead, worth))
    return shown(request, response, lead)


def _values(given):
    """What was sent, as the verbs take it: rows instead of ids."""
    for name, rows in ROWS.items():
        if name in given:
            given[name] = chosen(rows(), given[name], field=name)
    return given


def _worth(lead, sent):
    """The whole of an opportunity, what was not sent as it stands."""
    known = Opportunity.objects.filter(lead=lead).first()
    facts = {name: getattr(known, name, None) for name in OPPORTUNITY} | sent
    if facts["expected_value_cents"] is None:
        raise Problem(422, errors=[{"field": "expected_value_cents", "message": _("This is needed.")}])
    return facts | {"procedure_code": facts["procedure_code"] or ""}
