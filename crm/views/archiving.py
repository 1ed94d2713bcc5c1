from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.pages import toast
from crm.archiving import archive_lead, unarchive_lead
from crm.views.showing import on_lead, show_again


@require_POST
@staff_page("lead:update")
@on_lead
def lead_archive(request, lead):
    lead = archive_lead(lead, by=request.member)
    toast(request, _("%(lead)s is archived.") % {"lead": lead}, undo=("crm:lead_unarchive", lead.pk))
    return show_again(request, lead)


@require_POST
@staff_page("lead:update")
@on_lead
def lead_unarchive(request, lead):
    lead = unarchive_lead(lead, by=request.member)
    toast(request, _("%(lead)s is out of the archive.") % {"lead": lead}, undo=("crm:lead_archive", lead.pk))
    return show_again(request, lead)
