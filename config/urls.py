from django.contrib import admin
from django.urls import include, path

from clinics.views import health, home
from config.api import api

handler500 = "clinics.views.errors.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("account/", include("clinics.account_urls")),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("clinics.urls")),
    path("", include("patients.urls")),
    path("", include("crm.urls")),
    path("", include("inbox.urls")),
]
