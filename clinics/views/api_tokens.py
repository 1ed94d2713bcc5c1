"""API tokens in one's own profile: made, shown once, revoked."""

from allauth.account.decorators import reauthentication_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.api_tokens import create_token, revoke_token
from clinics.errors import RuleBroken
from clinics.forms.api_tokens import ApiTokenForm
from clinics.mail import absolute
from clinics.models import ApiToken
from clinics.pages import page, toast

TEMPLATE = "clinics/api_token_create.html"


@require_http_methods(["GET", "POST"])
@staff_page(None)
@reauthentication_required
def api_token_create(request):
    """Make a token for a program of one's own; its secret stands on the answer and nowhere else."""
    form = ApiTokenForm(request.POST or None, member=request.member)
    if request.method == "GET" or not form.is_valid():
        return page(request, TEMPLATE, {"form": form}, status=422 if form.is_bound else 200)
    try:
        token, secret = create_token(request.member, **form.cleaned_data)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, TEMPLATE, {"form": form}, status=409)
    return page(request, TEMPLATE, {"token": token, "secret": secret, "example_url": absolute("/api/leads?limit=1")})


@require_POST
@staff_page(None)
def api_token_revoke(request, pk):
    token = get_object_or_404(ApiToken.objects.of(request.member), pk=pk)
    revoke_token(token, by=request.member)
    toast(request, _("“%(name)s” is revoked. Its program is let in no more.") % {"name": token.name})
    return redirect("clinics:profile")
