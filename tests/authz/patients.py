"""The code of each page of patients and the schedule."""

PAGES_OF_PATIENTS = {
    "schedule:read": {
        "patients:appointment_detail",
        "patients:day_sheet",
        "patients:free_slots",
        "patients:schedule",
    },
    "schedule:update": {
        "patients:appointment_book",
        "patients:appointment_cancel",
        "patients:appointment_check_in",
        "patients:appointment_complete",
        "patients:appointment_confirm",
        "patients:appointment_miss",
        "patients:appointment_move",
        "patients:appointment_people",
        "patients:appointment_undo",
    },
    "clinic:configure": {"patients:feed_issue", "patients:feed_list", "patients:feed_withdraw"},
    "patient:read": {"patients:patient_detail", "patients:patient_list"},
    "patient:create": {"patients:patient_create", "patients:patient_matches"},
    "patient:update": {"patients:patient_edit", "patients:visit_create"},
    "patient:delete": {"patients:patient_delete", "patients:patient_restore"},
    "patient:export": {"patients:patient_csv", "patients:patient_file"},
    "patient:erase": {"patients:patient_erase"},
    "payment:create": {"patients:payment_create"},
}
