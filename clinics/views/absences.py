"""When somebody is away: their own days on the profile, those of anybody for whoever looks after the staff."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.absence import add_absence, end_absence, resume_absence, shown_absences
from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.forms.absences import AbsenceForm
from clinics.models import ClinicUser
from clinics.pages import page, toast


@require_http_methods(["GET", "POST"])
@staff_page(None)
def absence_list(request, pk):
    """The days away of a member, and a form for more of them."""
    member = _member(request, pk)
    form = AbsenceForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            absence = add_absence(member, by=request.member, **form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            undo = ("clinics:absence_end", member.pk, absence.id)
            toast(request, _("The days away of %(name)s are set") % {"name": member.display_name}, undo=undo)
            return _back(request, member)
    status = 422 if form.is_bound else 200
    return page(request, "clinics/absence_list.html", away_of(member, form), status=status)


@require_POST
@staff_page(None)
def absence_end(request, pk, absence):
    """Somebody is back, or does not go."""
    member = _member(request, pk, absence)
    try:
        ended = end_absence(member, absence, by=request.member)
        words = _("%(name)s is not away on these days any more") % {"name": member.display_name}
        toast(request, words, undo=("clinics:absence_resume", member.pk, ended.id))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request, member)


@require_POST
@staff_page(None)
def absence_resume(request, pk, absence):
    """Take back that somebody is back."""
    member = _member(request, pk, absence)
    try:
        resume_absence(member, absence, by=request.member)
        toast(request, _("The days away of %(name)s are set") % {"name": member.display_name})
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request, member)


def away_of(member, form=None):
    """What the panel of a member's absences shows."""
    return {
        "away": member,
        "absences": shown_absences(member),
        "absence_form": form or AbsenceForm(member=member),
    }


def _member(request, pk, absence=None):
    """Oneself, or anybody to whoever looks after the staff; somebody who has that absence, where one is named."""
    if pk != request.member.pk and not may(request.member, "staff:manage"):
        raise Http404
    member = get_object_or_404(ClinicUser.objects.select_related("user"), pk=pk)
    if absence is not None and absence not in {each.id for each in member.times_away}:
        raise Http404
    return member


def _back(request, member):
    is_own = member.pk == request.member.pk
    return redirect("clinics:profile") if is_own else redirect("clinics:absence_list", member.pk)
