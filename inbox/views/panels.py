from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.pages import page
from crm.models import Lead
from inbox.conversations import conversation_with
from inbox.people import conversation_of
from patients.models import Patient

SHOWN = 4


@require_GET
@staff_page("inbox:read")
def lead_panel(request, pk):
    """The last words with a lead, on their page."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    return show_panel(request, lead, "inbox/lead_panel.html", reverse("inbox:lead_write", args=[pk]))


@require_GET
@staff_page("inbox:read")
def patient_panel(request, pk):
    """The last words with a patient, on their page."""
    patient = get_object_or_404(Patient.objects.present(), pk=pk)
    return show_panel(request, patient, "inbox/patient_panel.html", reverse("inbox:patient_write", args=[pk]))


@require_POST
@staff_page("inbox:reply")
def lead_write(request, pk):
    """Open the conversation with a lead, where none was said yet, too."""
    return redirect(conversation_with(get_object_or_404(Lead.objects.present(), pk=pk)))


@require_POST
@staff_page("inbox:reply")
def patient_write(request, pk):
    """Open the conversation with a patient, where none was said yet, too."""
    return redirect(conversation_with(get_object_or_404(Patient.objects.present(), pk=pk)))


def show_panel(request, person, template, open_url):
    conversation = conversation_of(person)
    said = list(conversation.messages.for_thread()[:SHOWN]) if conversation else []
    context = {"conversation": conversation, "person": person, "messages": said[::-1], "now": timezone.now()}
    return page(request, template, context | {"open_url": open_url}, part="panel")
