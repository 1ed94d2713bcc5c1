from django.urls import path

from clinics.views import (
    absences,
    api_docs,
    api_tokens,
    audit,
    hooks,
    jobs,
    joining,
    live,
    members,
    notifications,
    palette,
    passkeys,
    profile,
    saved_views,
    styleguide,
    switching,
    webhook_connections,
    webhooks,
)

app_name = "clinics"

background = [
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs/<uuid:pk>/", jobs.job_detail, name="job_detail"),
    path("jobs/<uuid:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/retry/", jobs.job_retry, name="job_retry"),
]
notices = [
    path("notices/", notifications.notification_list, name="notification_list"),
    path("notices/bell/", notifications.notification_bell, name="notification_bell"),
    path("notices/read/", notifications.notification_read_all, name="notification_read_all"),
    path("notices/<uuid:pk>/read/", notifications.notification_read, name="notification_read"),
]
staff = [
    path("staff/", members.member_list, name="member_list"),
    path("staff/invite/", members.member_invite, name="member_invite"),
    path("staff/<uuid:pk>/edit/", members.member_edit, name="member_edit"),
    path("staff/<uuid:pk>/absences/", absences.absence_list, name="absence_list"),
    path("staff/<uuid:pk>/absences/<uuid:absence>/end/", absences.absence_end, name="absence_end"),
    path("staff/<uuid:pk>/absences/<uuid:absence>/resume/", absences.absence_resume, name="absence_resume"),
    path("staff/<uuid:pk>/deactivate/", members.member_deactivate, name="member_deactivate"),
    path("staff/<uuid:pk>/reactivate/", members.member_reactivate, name="member_reactivate"),
    path("staff/invitations/<uuid:pk>/resend/", members.invitation_resend, name="invitation_resend"),
    path("staff/invitations/<uuid:pk>/withdraw/", members.invitation_withdraw, name="invitation_withdraw"),
    path("join/<uuid:clinic_id>/<str:token>/", joining.invitation_accept, name="invitation_accept"),
]
oneself = [
    path("account/passkey/", passkeys.passkey_sign_in, name="passkey_sign_in"),
    path("profile/", profile.profile, name="profile"),
    path("profile/notifications/", profile.profile_notifications, name="profile_notifications"),
    path("profile/sessions/<int:pk>/end/", profile.session_end, name="session_end"),
    path("profile/sessions/end/", profile.session_end_others, name="session_end_others"),
    path("language/", profile.language_choose, name="language_choose"),
]
programs = [
    path("api/docs", api_docs.api_docs, name="api_docs"),
    path("api/openapi.json", api_docs.api_document, name="api_document"),
    path("profile/tokens/new/", api_tokens.api_token_create, name="api_token_create"),
    path("profile/tokens/<uuid:pk>/revoke/", api_tokens.api_token_revoke, name="api_token_revoke"),
]
history = [
    path("audit/", audit.audit_list, name="audit_list"),
    path("audit/export/", audit.audit_export, name="audit_export"),
]
CONNECTION = "webhooks/connections/<uuid:pk>/"
connections = [
    path("webhooks/connections/", webhook_connections.webhook_connection_list, name="webhook_connection_list"),
    path(
        "webhooks/connections/new/<slug:source>/",
        webhook_connections.webhook_connection_create,
        name="webhook_connection_create",
    ),
    path(CONNECTION, webhook_connections.webhook_connection_detail, name="webhook_connection_detail"),
    path(f"{CONNECTION}edit/", webhook_connections.webhook_connection_edit, name="webhook_connection_edit"),
    path(f"{CONNECTION}pause/", webhook_connections.webhook_connection_pause, name="webhook_connection_pause"),
    path(f"{CONNECTION}resume/", webhook_connections.webhook_connection_resume, name="webhook_connection_resume"),
    path(f"{CONNECTION}test/", webhook_connections.webhook_connection_test, name="webhook_connection_test"),
    path(f"{CONNECTION}try/", webhook_connections.webhook_connection_try, name="webhook_connection_try"),
    path(f"{CONNECTION}keys/<slug:name>/", webhook_connections.webhook_secret_rotate, name="webhook_secret_rotate"),
    path("webhooks/keys/<uuid:pk>/end/", webhook_connections.webhook_secret_end, name="webhook_secret_end"),
]
incoming = [
    path("hooks/<slug:source>/<str:address>/", hooks.hook, name="hook"),
    path("webhooks/", webhooks.webhook_list, name="webhook_list"),
    path("webhooks/replay/", webhooks.webhook_replay_all, name="webhook_replay_all"),
    *connections,
    path("webhooks/<uuid:pk>/", webhooks.webhook_detail, name="webhook_detail"),
    path("webhooks/<uuid:pk>/replay/", webhooks.webhook_replay, name="webhook_replay"),
]

views = [
    path("views/new/", saved_views.view_create, name="view_create"),
    path("views/<uuid:pk>/edit/", saved_views.view_edit, name="view_edit"),
    path("views/<uuid:pk>/update/", saved_views.view_update, name="view_update"),
    path("views/<uuid:pk>/shift/", saved_views.view_shift, name="view_shift"),
    path("views/<uuid:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("views/<uuid:pk>/restore/", saved_views.view_restore, name="view_restore"),
]

urlpatterns = [
    *background,
    *notices,
    *staff,
    *oneself,
    *programs,
    *history,
    *incoming,
    *views,
    path("palette/", palette.palette, name="palette"),
    path("live/", live.live, name="live"),
    path("clinic/switch/", switching.clinic_switch, name="clinic_switch"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
