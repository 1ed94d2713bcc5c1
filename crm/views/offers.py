"""A time that somebody who waits was asked about, by the secret address of that message: take it, or say no."""

from functools import wraps

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinics.errors import RuleBroken
from clinics.public_doors import public_door
from crm.models import LeadForm
from crm.public_forms import open_door
from crm.views.booking import visit_address
from crm.views.public_forms import AWAY, about, framed, language_of, spoken, unreachable
from patients.models import WaitlistOffer
from patients.offering import accept_by_visitor, decline_offer


def open_to_who_is_asked(view):
    """Open the offer of the address in the language of its reader; without a database, say so."""

    @public_door
    @wraps(view)
    def opened(request, token):
        try:
            with open_door(token, WaitlistOffer.objects.of_token) as offer:
                form = LeadForm(clinic=offer.clinic, location=offer.freed.location)
                with spoken(language_of(request, form.language)):
                    return framed(request, view(request, form, offer), form)
        except AWAY:
            with spoken(language_of(request)):
                return unreachable(request)

    return opened


@open_to_who_is_asked
@require_http_methods(["GET", "HEAD", "POST"])
def offer_visit(request, form, offer):
    """Look at it, which takes nothing; take it, which is done once; or say no."""
    note = ""
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "take":
                taken = accept_by_visitor(offer)
                return HttpResponseRedirect(visit_address(request, taken.entry.appointment, new=1), status=303)
            decline_offer(offer, by=None)
            return HttpResponseRedirect(request.get_full_path(), status=303)
        except RuleBroken as broken:
            note = str(broken)
    offer.freed.type = offer.entry.type  # what they wait for, not what somebody else gave up
    context = about(request, form) | {
        "offer": offer,
        "appointment": offer.freed,  # the leaf shows a time, whoever has it
        "place": offer.freed.location or about(request, form)["place"],
        "is_theirs": offer.state == WaitlistOffer.State.ACCEPTED and offer.entry.appointment is not None,
        "is_gone": offer.freed.closed_at is not None or bool(note),
        "note": note,
    }
    return render(request, "crm/offer_visit.html", context, status=409 if note else 200)
