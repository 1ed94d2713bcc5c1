from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import may, staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, part, toast
from clinics.templatetags.ui import phone
from crm.forms.leads import LeadCreateForm
from crm.intake import capture_lead
from crm.matching import find_matches, person_beside
from crm.models import Lead, LeadSubmission
from crm.trail import in_words, trail_of
from crm.views.showing import on_lead, sent, show_lead


@require_GET
@staff_page("lead:read")
@on_lead
def lead_detail(request, lead):
    """Everything about one person; htmx asks for the part that it has a place for."""
    return show_lead(request, lead, part=part_asked(request))


def part_asked(request):
    """The part of the page that a request wants: the timeline by kind, words or page, the log anew, or all of it."""
    if request.GET.get("older"):
        return "older"
    asked = {"lead-timeline": "timeline", "lead-entries": "found", "lead-log": "log"}
    return asked.get(request.htmx.target, "refreshed") if request.htmx else "refreshed"


@require_http_methods(["GET", "POST"])
@staff_page("lead:create")
def lead_create(request):
    """A new lead while the phone is at the ear; whoever shares a number or e-mail is shown before it is saved."""
    options = {"clinic": request.clinic, "may_assign": may(request.member, "lead:assign")}
    beside = what_they_share(request)
    form = LeadCreateForm(sent(request), initial=beside, **options)
    matches = find_matches(request.clinic, beside) if request.method == "GET" else None
    if request.method == "POST" and form.is_valid():
        matches = find_matches(request.clinic, form.cleaned_data)
        if matches.are_known_to(request.POST.getlist("seen")):
            return save_lead(request, form)
        matches.ask()
    status = 422 if form.errors else 409 if request.method == "POST" else 200
    return page(request, "crm/lead_create.html", {"form": form, "matches": matches}, part="dialog", status=status)


def save_lead(request, form):
    """Save a valid form, then on to the lead, or to the next call."""
    values = form.values | {"location": request.member.location}
    try:
        lead = capture_lead(
            request.clinic,
            values,
            by=request.member,
            channel=LeadSubmission.Channel.STAFF,
            idempotency_key=form.cleaned_data["key"] or None,
        )
    except RuleBroken as broken:
        form.refuse(broken)
        return page(request, "crm/lead_create.html", {"form": form}, part="dialog", status=422)
    toast(request, _("%(lead)s is saved. %(owner)s takes care.") % {"lead": lead, "owner": lead.assigned_to.short_name})
    if "again" not in request.POST:
        return go_to(request, lead.get_absolute_url())
    if not request.htmx:
        return redirect("crm:lead_create")
    form = LeadCreateForm(clinic=request.clinic, may_assign=may(request.member, "lead:assign"))
    return page(request, "crm/lead_create.html", {"form": form}, part="dialog")


def what_they_share(request):
    """What a new lead has in common with the person beside whom it is entered (?with=): address and source."""
    known = person_beside(request.GET.get("with"))
    if known is None:
        return {"phone": request.GET.get("phone", "")[:40]}
    record_read(known, by=request.member)
    shared = {name: getattr(known, name) for name in ("email", "last_name", "source", "assigned_to")}
    return shared | {"phone": phone(known.phone_e164) or known.phone}


@require_GET
@staff_page("lead:create")
def lead_matches(request):
    """Who may be here already, while a phone number, e-mail or name is being typed."""
    matches = find_matches(request.clinic, request.GET)
    return part(request, "crm/lead_create.html#matches", {"matches": matches}, otherwise="crm:lead_create")


@require_GET
@staff_page("audit:read")
def lead_audit(request, pk):
    """Who saw this lead, and what was done to it."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    record_read(lead, by=request.member)
    entries = paginate(request, trail_of(lead, only_views=request.GET.get("only") == "views"))
    rows = [(entry, in_words(entry.action)) for entry in entries]
    return page(request, "crm/lead_audit.html", {"lead": lead, "page": entries, "rows": rows})
