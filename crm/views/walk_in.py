"""The tablet at the front desk: staff start it and are signed out of it at once; patients see the form alone."""

from django.contrib.auth import logout
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.audit import record
from clinics.pages import page
from crm.models import LeadForm


@require_GET
@staff_page("lead:create")
def walk_in(request):
    """Which form to put on this tablet."""
    return page(request, "crm/walk_in.html", {"forms": LeadForm.objects.for_tablets()})


@require_POST
@staff_page("lead:create")
def walk_in_start(request, pk):
    """Lock this device to a form: the session ends here, so that nothing else can be reached without signing in."""
    form = get_object_or_404(LeadForm.objects.for_tablets(), pk=pk)
    record("crm.form.put_on_tablet", form, by=request.member)
    logout(request)
    return redirect(form.public_path)
