"""Working a freed time by phone: whom it fits, what they say, and asking a few at a time until one takes it."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import toast, trigger
from patients.forms.waitlist import RoundsForm
from patients.models import WaitlistEntry, WaitlistOffer
from patients.offering import accept_offer, decline_offer, offer_in_rounds, offer_time, stop_rounds, take_back_answer
from patients.views.appointments import after_act
from patients.views.freed import on_freed, show_freed


@require_GET
@staff_page("schedule:read")
@on_freed
def waitlist_offer(request, freed):
    """Who could take this freed time, in turn."""
    return show_freed(request, freed)


@require_POST
@staff_page("schedule:update")
@on_freed
def waitlist_rounds(request, freed):
    """Ask a few at a time, until somebody takes it."""
    form = RoundsForm(request.POST)
    if not form.is_valid():
        return show_freed(request, freed, status=422)
    offers = offer_in_rounds(freed, by=request.member, **form.cleaned_data)
    said = ngettext("%(count)s person is asked.", "%(count)s people are asked.", len(offers)) % {"count": len(offers)}
    toast(request, said, undo=("patients:waitlist_stop", freed.pk) if offers else None)
    return show_freed(request, freed)


@require_POST
@staff_page("schedule:update")
@on_freed
def waitlist_stop(request, freed):
    """Ask nobody else; whoever was asked and has not answered is asked no longer."""
    stop_rounds(freed, by=request.member)
    toast(request, _("Nobody is asked any more."))
    return show_freed(request, freed)


@require_POST
@staff_page("schedule:update")
@on_freed
def waitlist_take(request, freed, entry_pk):
    """They take the freed time: booked at once."""
    offer = accept_offer(_asked(freed, entry_pk, by=request.member), by=request.member)
    said = _("%(who)s takes it.") % {"who": offer.entry.who}
    toast(request, said, undo=("patients:waitlist_answer_undo", offer.pk))
    return after_act(request, offer.entry.appointment)


@require_POST
@staff_page("schedule:update")
@on_freed
def waitlist_refuse(request, freed, entry_pk):
    """They said no: who is next?"""
    offer = decline_offer(_asked(freed, entry_pk, by=request.member), by=request.member)
    toast(request, _("Noted. The next in turn stands on top."), undo=("patients:waitlist_answer_undo", offer.pk))
    return show_freed(request, freed)


def _asked(freed, entry_pk, *, by):
    """The open offer to somebody on the phone, who may not have been asked before."""
    entry = get_object_or_404(WaitlistEntry.objects.for_list(), pk=entry_pk)
    known = WaitlistOffer.objects.open().between(entry, freed).first()
    return known or offer_time(freed, entry, by=by)


@require_POST
@staff_page("schedule:update")
def waitlist_answer_undo(request, pk):
    """Take back what was noted of an answer."""
    offer = get_object_or_404(WaitlistOffer.objects.select_related("freed"), pk=pk)
    try:
        take_back_answer(offer, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return show_freed(request, offer.freed, status=409)
    toast(request, _("It is as it was."))
    return trigger(show_freed(request, offer.freed), "schedule-changed")
