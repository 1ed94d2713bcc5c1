"""What a person may ask for by law: everything that is kept of them, and to be forgotten."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, toast
from crm.dossier import hand_out
from crm.erasing import erase_lead
from crm.forms.personal import EraseLeadForm
from crm.views.showing import on_lead, record_showing, sent


@require_GET
@staff_page("lead:export")
@on_lead
def lead_file(request, lead):
    """Everything that is kept of one lead, to be handed to them."""
    headers = {
        "Content-Disposition": f'attachment; filename="lead-{str(lead.pk)[-8:]}.zip"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(hand_out(lead, by=request.member), content_type="application/zip", headers=headers)


@require_http_methods(["GET", "POST"])
@staff_page("lead:erase")
@on_lead
def lead_erase(request, lead):
    """Erase who this was; the name is typed out, and nothing brings it back."""
    form = EraseLeadForm(sent(request))
    context = {"lead": lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        record_showing(request, lead, part="dialog")
        return page(request, "crm/lead_erase.html", context, part="dialog", status=422 if form.errors else 200)
    try:
        erase_lead(lead, typed_name=form.cleaned_data["typed_name"], by=request.member)
    except RuleBroken as broken:
        form.add_error("typed_name", str(broken))
        return page(request, "crm/lead_erase.html", context, part="dialog", status=422)
    toast(request, _("The lead is erased."))
    return go_to(request, reverse("crm:lead_list"))
