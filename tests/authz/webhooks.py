"""The pages of what other services tell, all of them for those who set the clinic up."""

PAGES_OF_WEBHOOKS = {
    "clinics:webhook_connection_create",
    "clinics:webhook_connection_detail",
    "clinics:webhook_connection_edit",
    "clinics:webhook_connection_list",
    "clinics:webhook_connection_pause",
    "clinics:webhook_connection_resume",
    "clinics:webhook_connection_test",
    "clinics:webhook_connection_try",
    "clinics:webhook_detail",
    "clinics:webhook_list",
    "clinics:webhook_replay",
    "clinics:webhook_replay_all",
    "clinics:webhook_secret_end",
    "clinics:webhook_secret_rotate",
}
