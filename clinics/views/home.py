from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinics.access import may


@require_GET
def home(request):
    """Where a person goes after logging in: to work, or to a page that says that no clinic knows them."""
    if request.member is None:
        return render(request, "clinics/no_clinic.html", status=403)
    if may(request.member, "lead:read"):
        return redirect("crm:today")
    return redirect("clinics:notification_list")
