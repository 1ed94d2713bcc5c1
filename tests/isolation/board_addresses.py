"""The rows that stand in the addresses of the board, of the rules of assignment, and of cards that disagree."""

from clinics.models import ClinicUser
from crm.models import AssignmentRule, Disagreement, Lead, PipelineStage
from tests.isolation import day_rows

ROWS = {
    "crm:assignment_rule_edit": AssignmentRule,
    "crm:assignment_rule_step": AssignmentRule,
    "crm:assignment_rule_trial": AssignmentRule,
    "crm:board_column": PipelineStage,
    "crm:board_day_column": PipelineStage,
    "crm:card_call": Lead,
    "crm:disagreement_keep": Disagreement,
    "crm:disagreement_keep_undo": Disagreement,
    "crm:disagreement_move": Disagreement,
    "crm:hand_over": ClinicUser,
    "crm:lead_enter": Lead,
    "crm:lead_owners": Lead,
    "crm:lead_place": Lead,
}
OTHER_ROWS = {
    "owner": {"crm:board_lane": ClinicUser},
    "stage_pk": {"crm:lead_enter": PipelineStage, **day_rows.STAGES},
}
