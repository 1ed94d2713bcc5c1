"""Opening another clinic: whoever does it becomes its clinic admin and finds themselves there."""

from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinics.errors import RuleBroken
from clinics.onboarding import open_clinic
from clinics.tenancy import SESSION_KEY, outside_clinics
from crm.forms.opening import OpenClinicForm
from crm.presets import load_preset


@outside_clinics
@require_http_methods(["GET", "POST"])
def clinic_open(request):
    form = OpenClinicForm(request.POST or None, initial={"email": request.user.email})
    if request.method == "POST" and form.is_valid():
        try:
            clinic = open_clinic(owner=request.user, language=request.LANGUAGE_CODE[:2], **form.cleaned_data)
        except RuleBroken as error:
            form.add_error(None, str(error))
        else:
            load_preset(clinic)
            request.session[SESSION_KEY] = str(clinic.pk)
            rotate_token(request)
            return redirect("home")
    return render(request, "crm/clinic_open.html", {"form": form}, status=422 if form.is_bound else 200)


clinic_open.audience = "anybody signed in"
