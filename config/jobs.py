"""Every kind of background job on one page: kind -> the function (clinic, job) that does the work."""

JOBS = {
    "crm.import": "crm.importing.working.run_import",
}
