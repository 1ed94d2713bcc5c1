from django.urls import path

from clinics.views import live, switching

app_name = "clinics"

urlpatterns = [
    path("live/", live.live, name="live"),
    path("clinic/switch/", switching.clinic_switch, name="clinic_switch"),
]
