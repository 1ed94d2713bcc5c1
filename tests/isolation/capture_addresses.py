"""What stands in the addresses of inquiries, and of the forms and files that bring them."""

from crm.models import LeadForm, LeadImport, LeadSubmission

ROWS = {
    "crm:form_close": LeadForm,
    "crm:form_edit": LeadForm,
    "crm:form_open": LeadForm,
    "crm:import_check": LeadImport,
    "crm:import_delete": LeadImport,
    "crm:import_detail": LeadImport,
    "crm:import_mapping": LeadImport,
    "crm:import_read_again": LeadImport,
    "crm:import_row_correct": LeadImport,
    "crm:import_rows": LeadImport,
    "crm:import_rows_csv": LeadImport,
    "crm:import_run": LeadImport,
    "crm:import_undo": LeadImport,
    "crm:inquiry_detail": LeadSubmission,
    "crm:inquiry_ignore": LeadSubmission,
    "crm:inquiry_replay": LeadSubmission,
    "crm:inquiry_restore": LeadSubmission,
    "crm:walk_in_start": LeadForm,
}
TOKENS = {
    "crm:public_form": lambda world, member: world[LeadForm].token,
    "crm:public_form_thanks": lambda world, member: world[LeadForm].token,
}
