"""Channel accounts: how each is going, connecting one, testing it, and which is taken first."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.mail import absolute
from clinics.pages import go_to, page, paginate, toast
from clinics.webhook_sources import source_named
from clinics.webhooks import secrets_of
from inbox.account_health import health_of
from inbox.account_testing import last_test, start_test
from inbox.accounts import change_account, connect_account, make_default, pause_account, resume_account
from inbox.connecting import WAYS, way_of
from inbox.models import ChannelAccount


@require_GET
@staff_page("inbox:configure")
def account_list(request):
    """Every channel account with how it is going, and the ways to connect one more."""
    rows = paginate(request, ChannelAccount.objects.for_list())
    health = health_of(list(rows))
    for account in rows:
        account.health = health[account.pk]
    return page(request, "inbox/account_list.html", {"page": rows, "ways": WAYS.items()})


@require_http_methods(["GET", "POST"])
@staff_page("inbox:configure")
def account_create(request, way):
    """Connect a channel."""
    chosen = WAYS.get(way)
    if chosen is None:
        raise Http404
    form = chosen.form(request.POST or None, way=chosen)
    if request.method == "POST" and form.is_valid():
        account = connect_account(chosen, form.facts(), proofs=form.proofs(), by=request.member)
        toast(request, _("%(name)s is connected. Now tell its carrier the address.") % {"name": account.label})
        return go_to(request, account.get_absolute_url())
    status = 422 if form.is_bound else 200
    return page(request, "inbox/account_create.html", {"form": form, "way": chosen}, status=status)


@require_GET
@staff_page("inbox:configure")
def account_detail(request, pk):
    """One account: its health, what to hand over to its carrier, and its test."""
    account = get_object_or_404(ChannelAccount.objects.for_list(), pk=pk)
    told, source, keys = account.connection, None, []
    if told is not None:
        source, secrets = source_named(told.kind), secrets_of(told)
        keys = [(kind, secrets.newest(kind.name)) for kind in source.secret_kinds if kind.generated]
    context = {
        "account": account,
        "source": source,
        "address": absolute(told.get_path()) if told else "",
        "keys": keys,
        "health": health_of([account])[account.pk],
        "test": last_test(account),
    }
    return page(request, "inbox/account_detail.html", context, part="account-test")


@require_http_methods(["GET", "POST"])
@staff_page("inbox:configure")
def account_edit(request, pk):
    """Change an account; keys that are not typed in stay."""
    account = get_object_or_404(ChannelAccount.objects.for_list(), pk=pk)
    _word, way = way_of(account)
    form = way.form(request.POST or None, way=way, account=account)
    if request.method == "POST" and form.is_valid():
        change_account(account, form.facts(), proofs=form.proofs(), by=request.member)
        toast(request, _("%(name)s is changed") % {"name": account.label})
        return go_to(request, account.get_absolute_url())
    status = 422 if form.is_bound else 200
    return page(request, "inbox/account_edit.html", {"form": form, "account": account}, status=status)


@require_POST
@staff_page("inbox:configure")
def account_test(request, pk):
    """Try an account out in the background; its page shows what came of it."""
    account = get_object_or_404(ChannelAccount, pk=pk)
    start_test(account, by=request.member)
    return go_to(request, f"{account.get_absolute_url()}#account-test")


@require_POST
@staff_page("inbox:configure")
def account_default(request, pk):
    """Take an account first on its channel."""
    account = make_default(get_object_or_404(ChannelAccount, pk=pk), by=request.member)
    toast(request, _("%(name)s is taken first from now on") % {"name": account.label})
    return go_to(request, account.get_absolute_url())


@require_POST
@staff_page("inbox:configure")
def account_pause(request, pk):
    """Send nothing by an account for now."""
    account = get_object_or_404(ChannelAccount, pk=pk)
    try:
        pause_account(account, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        undo = ("inbox:account_resume", account.pk)
        toast(request, _("%(name)s is paused: nothing goes by it") % {"name": account.label}, undo=undo)
    return go_to(request, account.get_absolute_url())


@require_POST
@staff_page("inbox:configure")
def account_resume(request, pk):
    """Send by an account again."""
    account = resume_account(get_object_or_404(ChannelAccount, pk=pk), by=request.member)
    toast(request, _("%(name)s is in use again") % {"name": account.label})
    return go_to(request, account.get_absolute_url())
