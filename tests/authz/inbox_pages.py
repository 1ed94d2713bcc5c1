"""The codes of the pages of the inbox, the sender and consent, and who holds them."""

from clinics.models import Role

EVERYBODY_AT_WORK = {Role.FRONT_DESK, Role.TREATMENT_COORDINATOR, Role.CLINIC_ADMIN}
ROLES_OF_INBOX = {
    "inbox:read": EVERYBODY_AT_WORK | {Role.DOCTOR, Role.VIEWER},
    "inbox:reply": EVERYBODY_AT_WORK | {Role.DOCTOR},
    "inbox:assign": EVERYBODY_AT_WORK,
    "inbox:configure": {Role.CLINIC_ADMIN},
}
PAGES_OF_INBOX = {
    "inbox:read": {
        "inbox:conversation_consent",
        "inbox:conversation_detail",
        "inbox:conversation_evidence",
        "inbox:conversation_person",
        "inbox:inbox",
        "inbox:message_file",
        "inbox:message_original",
        "inbox:sending",
        "inbox:suppression_list",
    },
    "inbox:reply": {
        "inbox:conversation_consent_note",
        "inbox:message_decide",
        "inbox:refusal_settle",
        "inbox:suppression_lift",
    },
    "inbox:configure": {
        "inbox:consent_import",
        "inbox:consent_import_detail",
        "inbox:sending_resume",
        "inbox:sending_stop",
    },
}
# For whoever has the link of a message.
OPEN_PAGES_OF_INBOX = {"inbox:public_preferences", "inbox:public_unsubscribe"}
