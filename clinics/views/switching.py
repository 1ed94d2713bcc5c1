from django.http import Http404
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.tenancy import SESSION_KEY


@require_POST
@staff_page(None)
def clinic_switch(request):
    """Go over to another clinic that this person works for; any other id is unknown.

    Forms that other tabs still show for the clinic left behind are refused from now on.
    """
    wanted = request.POST.get("clinic", "")
    if wanted not in {str(clinic.pk) for clinic in request.member_clinics}:
        raise Http404
    request.session[SESSION_KEY] = wanted
    rotate_token(request)
    return redirect("home")
