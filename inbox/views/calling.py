from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast
from clinics.templatetags.ui import phone
from crm.models import Lead
from inbox.calling import start_call
from patients.models import Patient


@require_POST
@staff_page("inbox:reply")
def lead_call(request, pk):
    """Put the member through to a lead."""
    return _call(request, get_object_or_404(Lead.objects.present(), pk=pk))


@require_POST
@staff_page("inbox:reply")
def patient_call(request, pk):
    """Put the member through to a patient."""
    return _call(request, get_object_or_404(Patient.objects.present(), pk=pk))


def _call(request, person):
    """Ring the member; in a window with htmx what came of the call is asked meanwhile."""
    try:
        message = start_call(person, by=request.member, key=request.POST.get("key", ""))
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return redirect(person) if not request.htmx else page(request, "inbox/call.html", {"call": None}, part="call")
    number = phone(request.member.phone_e164)
    said = _("Your phone rings: %(number)s. Pick up, and you are put through to %(who)s.")
    toast(request, said % {"number": number, "who": person})
    if not request.htmx:
        return redirect(message.conversation)
    lead = person if isinstance(person, Lead) and not person.is_locked else None
    return page(request, "inbox/call.html", {"call": message, "lead": lead, "number": number}, part="call")
