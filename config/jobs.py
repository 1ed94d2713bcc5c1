"""Every kind of background job on one page: kind -> the function (clinic, job) that does the work."""

JOBS = {
    "crm.import": "crm.importing.working.run_import",
    "crm.import_check": "crm.importing.working.run_check",
    "crm.import_undo": "crm.importing.undoing.run_undo",
}
