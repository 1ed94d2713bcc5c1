"""The codes of the pages by which leads come in: inquiries, forms and files."""

from tests.authz.day_pages import SETTING_RULES

# For visitors without a login.
BOOKING_PAGES = {
    "crm:booking_cancel",
    "crm:booking_file",
    "crm:booking_move",
    "crm:booking_start",
    "crm:booking_times",
    "crm:booking_visit",
    "crm:offer_visit",
}
CAPTURE_PAGES = {
    "lead:configure": {
        "crm:assignment_rule_create",
        "crm:assignment_rule_edit",
        "crm:assignment_rule_list",
        "crm:assignment_rule_step",
        "crm:assignment_rule_trial",
        "crm:form_close",
        "crm:form_create",
        "crm:form_edit",
        "crm:form_list",
        "crm:form_open",
        "crm:form_preview",
        *SETTING_RULES,
    },
    "inquiry:read": {"crm:inquiry_detail", "crm:inquiry_list"},
    "inquiry:update": {
        "crm:inquiry_ignore",
        "crm:inquiry_replay",
        "crm:inquiry_replay_many",
        "crm:inquiry_take_over",
        "crm:inquiry_restore",
    },
    "import:run": {
        "patients:payment_import_csv",
        "patients:payment_import_detail",
        "patients:payment_import_list",
        "patients:payment_import_run",
        "patients:payment_import_try",
        "patients:payment_import_undo",
        "crm:import_check",
        "crm:import_create",
        "crm:import_delete",
        "crm:import_detail",
        "crm:import_list",
        "crm:import_mapping",
        "crm:import_read_again",
        "crm:import_row_correct",
        "crm:import_rows",
        "crm:import_rows_csv",
        "crm:import_run",
        "crm:import_undo",
    },
}
