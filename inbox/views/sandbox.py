"""The pretend phones and mailboxes: what was sent there, and answering as the patient would."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from inbox.forms.sandbox import SpeakForm
from inbox.models import ChannelAccount, SandboxDelivery
from inbox.sandbox import open_sandbox, speak_as_person

SHOWN = 60


@require_GET
@staff_page("inbox:reply")
def sandbox(request):
    """Everybody whom something was pretended to be delivered to, and one of them: the phone, or the mailbox."""
    people = paginate(request, SandboxDelivery.objects.newest_of_each())
    accounts = list(ChannelAccount.objects.pretended())
    chosen = next((each for each in accounts if str(each.pk) == request.GET.get("account")), None)
    address = request.GET.get("address", "")[:254] if chosen else ""
    if chosen is None and people.object_list:
        chosen, address = people.object_list[0].account, people.object_list[0].person_address
    chosen = chosen or next(iter(accounts), None)
    return page(request, "inbox/sandbox.html", _shown(people, accounts, chosen, address), part="phone")


@require_POST
@staff_page("inbox:reply")
def sandbox_speak(request, pk):
    """Write or call as a pretend patient."""
    account = get_object_or_404(ChannelAccount.objects.pretended(), pk=pk)
    form = SpeakForm(request.POST, request.FILES, account=account)
    if not form.is_valid():
        people = paginate(request, SandboxDelivery.objects.newest_of_each())
        accounts = list(ChannelAccount.objects.pretended())
        context = _shown(people, accounts, account, request.POST.get("address", "")) | {"form": form}
        return page(request, "inbox/sandbox.html", context, status=422)
    try:
        row = speak_as_person(account, form.cleaned_data["address"], form.spoken(), by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return go_to(request, reverse("inbox:sandbox"))
    toast(request, _("It is on its way into the inbox"), link=(_("Inbox"), reverse("inbox:inbox")))
    query = urlencode({"account": account.pk, "address": row.from_address})
    return go_to(request, f"{reverse('inbox:sandbox')}?{query}")


@require_POST
@staff_page("inbox:configure")
def sandbox_open(request):
    """Give the clinic pretend accounts on the channels where it has none."""
    opened = open_sandbox(request.clinic, by=request.member)
    toast(request, _("%(count)s pretend accounts are there now") % {"count": len(opened)})
    return go_to(request, reverse("inbox:sandbox"))


def _shown(people, accounts, chosen, address):
    deliveries = SandboxDelivery.objects.of_person(chosen, address)[:SHOWN] if chosen and address else []
    return {
        "page": people,
        "accounts": accounts,
        "account": chosen,
        "address": address,
        "deliveries": list(reversed(deliveries)),
        "form": SpeakForm(account=chosen, initial={"address": address}) if chosen else None,
    }
