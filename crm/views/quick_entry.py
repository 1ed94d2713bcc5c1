from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.pages import close_dialog, go_to, page, part, toast
from clinics.templatetags.ui import phone
from crm.forms.full_entry import LeadFullForm
from crm.forms.leads import LeadCreateForm
from crm.intake import capture_lead
from crm.matching import find_matches, relative_beside
from crm.models import Lead, LeadSubmission
from crm.quick_entry import add_call, take_back_call, withdraw_lead
from crm.referrers import referrers_of
from crm.views.showing import sent

SAID = {"phone": 40, "first_name": 80, "last_name": 80, "email": 254}  # what an address may say of somebody new
QUICK, FULL = "crm/lead_create.html", "crm/lead_create_full.html"


@require_http_methods(["GET", "POST"])
@staff_page("lead:create")
def lead_create(request):
    """A new lead while the phone is at the ear; whoever may be the same is shown before it is saved."""
    return take_in(request, LeadCreateForm, QUICK)


@require_http_methods(["GET", "POST"])
@staff_page("lead:create")
def lead_create_full(request):
    """A new lead with everything that can be known of one."""
    return take_in(request, LeadFullForm, FULL)


def take_in(request, form_class, template):
    """Show the form, refuse it, ask about those who may be the same, or save it."""
    beside = what_they_share(request)
    form = new_form(request, form_class, sent(request), initial=beside)
    matches = matches_for(request, beside) if request.method == "GET" else None
    if request.method == "POST" and form.is_valid():
        matches = matches_for(request, form.cleaned_data)
        if matches.are_known_to(request.POST.getlist("seen")):
            return save_lead(request, form, template)
        matches.ask()
    status = 422 if form.errors else 409 if request.method == "POST" else 200
    return show_form(request, template, form, matches, status=status)


def new_form(request, form_class, data=None, **options):
    return form_class(data, clinic=request.clinic, may_assign=may(request.member, "lead:assign"), **options)


def show_form(request, template, form, matches=None, *, status=200):
    """The form as a page; to htmx the quick one alone, for the dialog."""
    part = "dialog" if template == QUICK else None
    return page(request, template, {"form": form, "matches": matches}, part=part, status=status)


def matches_for(request, typed):
    return find_matches(request.clinic, typed, with_patients=may(request.member, "patient:read"))


def save_lead(request, form, template):
    """Save a valid form; then whoever typed stays where they were, goes to the lead, or on to the next call."""
    try:
        lead = capture_lead(
            request.clinic,
            {"location": request.member.location} | form.values | form.referral(by=request.member),
            by=request.member,
            channel=LeadSubmission.Channel.STAFF,
            idempotency_key=form.cleaned_data["key"] or None,
        )
    except RuleBroken as broken:
        form.refuse(broken)
        return show_form(request, template, form, status=422)
    words = _("%(lead)s is saved. %(owner)s takes care.") % {"lead": lead, "owner": lead.assigned_to.short_name}
    link = (_("Open"), lead.get_absolute_url()) if request.htmx else None
    toast(request, words, undo=("crm:lead_withdraw", lead.pk), link=link)
    if "again" not in request.POST:
        return stay_or_go_to(request, lead)
    if not request.htmx:
        return redirect("crm:lead_create")
    return show_form(request, template, new_form(request, type(form)))


def stay_or_go_to(request, lead):
    """Out of the dialog one stays on the page behind it; without script one goes to the lead."""
    if not request.htmx:
        return go_to(request, lead.get_absolute_url())
    return close_dialog(request, "lead-saved")


@require_POST
@staff_page("lead:create")
def lead_called_again(request, pk):
    """The caller is somebody who is here already: what was typed, in either form, becomes a touch on their card."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    form_class, template = (LeadFullForm, FULL) if "full" in request.GET else (LeadCreateForm, QUICK)
    form = new_form(request, form_class, request.POST)
    if not form.is_valid():
        return show_form(request, template, form, status=422)
    try:
        values = form.values | form.referral(by=request.member)
        values.pop("assigned_to", None)
        inquiry = add_call(lead, values, by=request.member, key=form.cleaned_data["key"])
    except RuleBroken as broken:
        form.refuse(broken)
        return show_form(request, template, form, status=409)
    said, link = _("The call is added to %(lead)s.") % {"lead": lead}, (_("Open"), lead.get_absolute_url())
    toast(request, said, undo=("crm:lead_called_again_undo", inquiry.pk), link=link)
    return stay_or_go_to(request, lead)


@require_POST
@staff_page("lead:create")
def lead_called_again_undo(request, pk):
    """The caller was somebody else: the call comes off the card, and what was said can begin a lead of its own."""
    inquiry = get_object_or_404(LeadSubmission.objects.for_list(), pk=pk)
    try:
        take_back_call(inquiry, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        said = urlencode({name: inquiry.payload[name] for name in SAID if inquiry.payload.get(name)})
        anew = (_("Enter it as a new lead"), f"{reverse('crm:lead_create')}?{said}") if inquiry.lead else None
        toast(request, _("The call is taken off the card again."), link=anew)
    return stay_or_go_to(request, inquiry.lead) if inquiry.lead else go_to(request, reverse("crm:lead_list"))


@require_POST
@staff_page("lead:create")
def lead_withdraw(request, pk):
    """Take back a lead that was entered a moment ago."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    try:
        withdraw_lead(lead, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return stay_or_go_to(request, lead)
    toast(request, _("%(lead)s is not saved any more.") % {"lead": lead})
    here = request.htmx.current_url_abs_path if request.htmx else None
    return go_to(request, here if here and str(lead.pk) not in here else reverse("crm:lead_list"))


def what_they_share(request):
    """What a new lead has in common with the lead or patient beside whom it is entered (?with=).

    That is how to reach them, their family name and, of a lead, source and coordinator; what the address itself says of
    the new one goes before it.
    """
    said = {name: request.GET[name][:longest] for name, longest in SAID.items() if request.GET.get(name)}
    known = relative_beside(request.GET.get("with"), with_patients=may(request.member, "patient:read"))
    if known is None:
        return said
    record_read(known, by=request.member)
    shared = {name: getattr(known, name, None) for name in ("email", "last_name", "source", "assigned_to")}
    return shared | {"phone": phone(known.phone_e164) or known.phone} | said


@require_GET
@staff_page("lead:create")
def lead_matches(request):
    """Who may be here already, while a phone number, e-mail or name is being typed."""
    matches = matches_for(request, request.GET)
    return part(request, f"{QUICK}#matches", {"matches": matches}, otherwise="crm:lead_create")


@require_GET
@staff_page("lead:create")
def lead_referrers(request):
    """Doctors or patients who may have sent the caller, while their name is being typed."""
    found = referrers_of(request.GET.get("source"), request.GET.get("referrer", ""))
    return part(request, f"{QUICK}#referrers", {"referrers": found}, otherwise="crm:lead_create")
