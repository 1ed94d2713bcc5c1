"""Which field of a request is to blame for a broken rule, or for something that is there already."""

from django.utils.translation import gettext_lazy as _

from crm import kpi_events, rules

FIELDS_OF_RULES = {
    kpi_events.AmountMissing: "value_cents",
    kpi_events.EventInTheFuture: "occurred_at",
    rules.CoordinatorMissing: "assigned_to",
    rules.DateInThePast: "expected_date",
    rules.NotEveryStage: "stages",
    rules.StageForNewLeads: "is_default",
    rules.StageInUse: "kind",
    rules.WonBeforeOpen: "order",
    rules.DueInThePast: "due_at",
    rules.LostReasonMissing: "lost_reason",
    rules.NotACoordinator: "assigned_to",
    rules.NoWayToReach: "first_name",
    rules.OutcomeMissing: "outcome",
    rules.StageNotForReopening: "stage",
    rules.ValueNotPositive: "expected_value_cents",
}
FIELDS_OF_CONSTRAINTS = {
    "lead_external_id_once": ("external_id", _("Another lead has this id already.")),
    "source_name_once_a_clinic": ("name", _("There is a source of this name already.")),
    "stage_one_lost_a_clinic": ("kind", _("There is one stage for lost leads, and it is there already.")),
    "stage_slug_once_a_clinic": ("slug", _("There is a stage of this short name already.")),
}
