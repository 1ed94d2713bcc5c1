"""Which field of a request is to blame for a broken rule, or for something that is there already."""

from django.utils.translation import gettext_lazy as _

from patients import rules

FIELDS_OF_RULES = {
    rules.EndsBeforeItBegins: "duration_minutes",
    rules.BornInTheFuture: "date_of_birth",
    rules.KnownInTheEmr: "external_id",
    rules.MoreThanPaid: "amount_cents",
    rules.NobodyBooked: "patient",
    rules.NobodyNamed: "first_name",
    rules.NoRoomFree: "room",
    rules.NotAtWork: "starts_at",
    rules.NothingPaid: "amount_cents",
    rules.NotTheirWork: "provider",
    rules.PatientIsGone: "patient",
    rules.PaysForSelf: "responsible_party",
    rules.ProviderHasLeft: "provider",
    rules.ReasonMissing: "reason",
    rules.RoomElsewhere: "room",
    rules.TimeIsPast: "starts_at",
    rules.TimeTaken: "starts_at",
}
FIELDS_OF_CONSTRAINTS = {
    "appointment_external_id_once": ("external_id", _("Another appointment has this id already.")),
    "patient_external_id_once": ("external_id", _("Another patient has this id already.")),
    "payment_external_id_once": ("external_id", _("Another payment has this id already.")),
    "visit_external_id_once": ("external_id", _("Another visit has this id already.")),
}
