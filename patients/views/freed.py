"""What each view of a freed time needs: the time, its dialog, that dialog drawn again after an act."""

from functools import wraps

from django.shortcuts import get_object_or_404, redirect

from clinics.access import may
from clinics.errors import RuleBroken
from clinics.pages import page, toast
from patients.forms.waitlist import RoundsForm
from patients.models import FreedTime, WaitlistEntry

SHOWN = 8


def on_freed(view):
    """Hand the freed time of the address to a view, 404 if there is none; a broken rule becomes a toast, 409."""

    @wraps(view)
    def on_that_time(request, pk, **kwargs):
        freed = get_object_or_404(FreedTime.objects.for_list(), pk=pk)
        try:
            return view(request, freed, **kwargs)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return show_freed(request, freed, status=409)

    return on_that_time


def show_freed(request, freed, status=200):
    """Who could take a freed time, in turn, and who was asked; without htmx, back to that question."""
    if not request.htmx and request.method == "POST":
        return redirect("patients:waitlist_offer", freed.pk)
    return page(request, "patients/waitlist_offer.html", freed_context(request, freed), part="dialog", status=status)


def freed_context(request, freed):
    freed = FreedTime.objects.for_list().get(pk=freed.pk)
    is_free = FreedTime.objects.open().still_free().contains(freed)
    fitting = WaitlistEntry.objects.fitting(freed).not_asked_about(freed).for_list() if is_free else []
    return {
        "freed": freed,
        "is_free": is_free,
        "offers": list(freed.offers.for_list().told(is_free).select_related("freed__location")),
        "fitting": list(fitting[:SHOWN]),
        "rounds": RoundsForm(initial={"minutes": freed.answer_minutes}),
        "may_change": may(request.member, "schedule:update"),
    }
