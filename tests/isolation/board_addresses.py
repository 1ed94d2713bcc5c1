"""The rows that stand in the addresses of the board."""

from clinics.models import ClinicUser
from crm.models import Lead, PipelineStage
from tests.isolation import day_rows

ROWS = {
    "crm:board_column": PipelineStage,
    "crm:board_day_column": PipelineStage,
    "crm:card_call": Lead,
    "crm:lead_enter": Lead,
    "crm:lead_place": Lead,
}
OTHER_ROWS = {
    "owner": {"crm:board_lane": ClinicUser},
    "stage_pk": {"crm:lead_enter": PipelineStage, **day_rows.STAGES},
}
