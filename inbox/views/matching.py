from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.pages import go_to, page, toast
from crm.models import Lead
from inbox.matching import match_or_merge, split_address
from inbox.merging import part_conversations
from inbox.people import find_people
from inbox.views.showing import on_conversation, show_again
from patients.models import Patient


@require_GET
@staff_page("inbox:reply")
@on_conversation
def conversation_people(request, conversation):
    """Leads and patients whom the typed words find, to say with whom a conversation is."""
    people = find_people(request.GET.get("who", ""), request.member)
    context = {"conversation": conversation, "people": people, "asked": request.GET.get("who", "")}
    return page(request, "inbox/conversation_people.html", context, part="found")


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_match(request, conversation, kind, person_pk):
    """Say with whom a conversation is; one that they have already takes this one in."""
    if kind == "patient" and may(request.member, "patient:read"):
        person = get_object_or_404(Patient.objects.present(), pk=person_pk)
    else:
        person = get_object_or_404(Lead.objects.present(), pk=person_pk)
    left = match_or_merge(conversation, person, by=request.member)
    said = _("This is %(who)s.") % {"who": left}
    if left.pk == conversation.pk:
        toast(request, said)
        return show_again(request, left)
    toast(request, said, undo=("inbox:conversation_part", left.pk, conversation.pk))
    return go_to(request, left.get_absolute_url())


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_part(request, conversation, other_pk):
    """Take a merge back: two conversations again."""
    other = part_conversations(get_object_or_404(conversation.merged, pk=other_pk), by=request.member)
    toast(request, _("They are two conversations again."))
    return go_to(request, other.get_absolute_url())


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_split(request, conversation, address_pk):
    """Give what was said over one address a conversation of its own."""
    parted = split_address(conversation, get_object_or_404(conversation.addresses, pk=address_pk), by=request.member)
    toast(request, _("What came from this address stands in a conversation of its own."))
    return go_to(request, parted.get_absolute_url())
