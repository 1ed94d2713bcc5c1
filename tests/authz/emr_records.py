"""The pages of what an EMR told, all of them for those who set the clinic up."""

PAGES_OF_EMR_RECORDS = {
    "patients:emr_file_check",
    "patients:emr_file_columns",
    "patients:emr_file_create",
    "patients:emr_file_delete",
    "patients:emr_file_detail",
    "patients:emr_file_import",
    "patients:emr_file_list",
    "patients:emr_file_undo",
    "patients:emr_issue_bulk",
    "patients:emr_issue_decide",
    "patients:emr_issue_detail",
    "patients:emr_issue_list",
    "patients:emr_run_allow",
    "patients:emr_run_csv",
    "patients:emr_run_detail",
    "patients:emr_run_list",
    "patients:emr_run_undo",
    "patients:emr_sweep_undo",
}
