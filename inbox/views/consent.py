"""What one person said about being reached, and consents that come by a file."""

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.models import BackgroundJob
from clinics.pages import go_to, page, toast
from clinics.tables.errors import UnreadableFile
from inbox.consent import note_consent
from inbox.consent_files import KIND, start_import
from inbox.evidence import as_plain, evidence_of
from inbox.forms.consent import ConsentFileForm, SaidForm
from inbox.models import UnifiedConversation

SHOWN = 200  # rows of a file that were not taken


@require_GET
@staff_page("inbox:read")
def conversation_consent(request, pk):
    """Everything they said, what holds now, and the place to write down what they say."""
    conversation = get_object_or_404(UnifiedConversation.objects.present(), pk=pk)
    form = SaidForm(conversation=conversation)
    record_read(conversation.person or conversation, by=request.member, metadata={"part": "consent"})
    context = {"conversation": conversation, "form": form, "evidence": evidence_of(conversation)}
    return page(request, "inbox/conversation_consent.html", context)


@require_POST
@staff_page("inbox:reply")
def conversation_consent_note(request, pk):
    """Write down what they said at the desk, on the phone or on paper."""
    conversation = get_object_or_404(UnifiedConversation.objects.present(), pk=pk)
    form = SaidForm(request.POST, conversation=conversation)
    if not form.is_valid():
        context = {"conversation": conversation, "form": form, "evidence": evidence_of(conversation)}
        return page(request, "inbox/conversation_consent.html", context, status=422)
    note_consent(form.said, by=request.member)
    toast(request, _("Written down."))
    return go_to(request, reverse("inbox:conversation_consent", args=[pk]))


@require_GET
@staff_page("inbox:read")
def conversation_evidence(request, pk):
    """The same as a file, for whoever asks for proof."""
    conversation = get_object_or_404(UnifiedConversation.objects.present(), pk=pk)
    record_read(conversation.person or conversation, by=request.member, metadata={"part": "consent file"})
    answer = JsonResponse(as_plain(conversation, evidence_of(conversation)), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="consent.json"'
    return answer


@require_http_methods(["GET", "POST"])
@staff_page("inbox:configure")
def consent_import(request):
    """Take in consents from another system; each needs a proof."""
    form = ConsentFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            job = start_import(request.clinic, form.cleaned_data["file"], by=request.member)
            return go_to(request, reverse("inbox:consent_import_detail", args=[job.pk]))
        except (UnreadableFile, RuleBroken) as wrong:
            form.add_error("file", str(wrong))
    return page(request, "inbox/consent_import.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@staff_page("inbox:configure")
def consent_import_detail(request, pk):
    """How far a file is, and which of its rows were not taken and why."""
    job = get_object_or_404(BackgroundJob.objects.all(), pk=pk, kind=KIND)
    result = job.result or {}
    refused = result.get("refused", [])
    context = {"job": job, "result": result, "refused": refused[:SHOWN], "refused_count": len(refused)}
    return page(request, "inbox/consent_import_detail.html", context, part="state")
