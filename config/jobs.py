"""Every kind of background job on one page: kind -> the function (clinic, job) that does the work."""

JOBS = {
    "patients.payment_trial": "patients.payment_files.working.run_trial",
    "patients.payment_import": "patients.payment_files.working.run_import",
    "crm.bulk": "crm.bulk.run_bulk",
    "crm.bulk_undo": "crm.bulk.run_bulk_undo",
    "patients.bulk": "patients.bulk.run_bulk",
    "patients.bulk_undo": "patients.bulk.run_bulk_undo",
    "patients.duplicate_sweep": "patients.duplicates.sweeping.run_sweep",
    "patients.export": "patients.exporting.run_export",
    "crm.export": "crm.exporting.run_export",
    "clinics.webhook_test": "clinics.webhook_connections.run_test",
    "crm.import": "crm.importing.working.run_import",
    "crm.import_check": "crm.importing.working.run_check",
    "crm.duplicate_sweep": "crm.duplicates.sweeping.run_sweep",
    "crm.match_keys": "crm.duplicates.indexing.run_backfill",
    "crm.import_undo": "crm.importing.undoing.run_undo",
    "patients.emr_check": "patients.emr.files.working.run_check",
    "patients.emr_import": "patients.emr.files.working.run_import",
    "patients.emr_undo": "patients.emr.undoing.run_undo",
    "patients.emr_sync": "patients.emr.syncing.run_sync",
    "patients.emr_test": "patients.emr.trying.run_test",
}
