from django.urls import path

from clinics.views import live, styleguide, switching

app_name = "clinics"

urlpatterns = [
    path("live/", live.live, name="live"),
    path("clinic/switch/", switching.clinic_switch, name="clinic_switch"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
