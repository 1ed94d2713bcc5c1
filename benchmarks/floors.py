# ruff: noqa: E501 - statements read better in long lines
"""The floors: the same rows by hand-written SQL over one bare connection, joined as strings."""

from django.db import connection, transaction

CARD = """
    SELECT l.id, l.first_name, l.last_name, l.patient_first_name, l.expected_value_cents, l.treatment_interest,
           l.stage_entered_at, s.name, u.first_name,
           (SELECT t.title FROM crm_leadtask t WHERE t.clinic_id = l.clinic_id AND t.lead_id = l.id
            AND t.status IN ('PENDING', 'IN_PROGRESS', 'OVERDUE') ORDER BY t.due_at LIMIT 1)
    FROM crm_lead l
    JOIN crm_leadsource s ON s.clinic_id = l.clinic_id AND s.id = l.source_id
    LEFT JOIN clinics_clinicuser m ON m.clinic_id = l.clinic_id AND m.id = l.assigned_to_id
    LEFT JOIN clinics_user u ON u.id = m.user_id
    WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND l.status <> 'ARCHIVED' AND l.stage_id = g.id {where}
    ORDER BY l.stage_entered_at DESC, l.id DESC LIMIT 15
"""
BOARD = """
    WITH totals AS (
        SELECT l.stage_id, count(*) n, sum(l.expected_value_cents) cents FROM crm_lead l
        WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND l.status <> 'ARCHIVED' {where}
        GROUP BY l.stage_id
    )
    SELECT g.name, totals.n, totals.cents, cards.*
    FROM crm_pipelinestage g
    LEFT JOIN totals ON totals.stage_id = g.id
    LEFT JOIN LATERAL ({card}) cards ON true
    WHERE g.clinic_id = %(clinic)s ORDER BY g."order"
"""


def open_clinic_by_hand(cursor, clinic_id):
    """Open a clinic for one transaction, as hand-written SQL would."""
    cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [str(clinic_id)])


class Floor:
    """Hand-written statements of one clinic, run in a transaction with the clinic set, as the application must."""

    def __init__(self, clinic):
        self.facts = {"clinic": clinic.pk}

    def _enter(self, cursor):
        open_clinic_by_hand(cursor, self.facts["clinic"])

    def board(self, where="", **facts):
        """The eight columns with count, sum and first cards."""
        statement = BOARD.format(where=where, card=CARD.format(where=where))
        with transaction.atomic(), connection.cursor() as cursor:
            self._enter(cursor)
            cursor.execute(statement, self.facts | facts)
            return "".join(f"<li>{row}</li>" for row in cursor.fetchall()).encode()

    def move(self, lead_id, stage_id):
        """The UPDATE and the three INSERTs that a move leaves behind."""
        facts = self.facts | {"lead": lead_id, "stage": stage_id}
        with transaction.atomic(), connection.cursor() as cursor:
            self._enter(cursor)
            cursor.execute(
                "UPDATE crm_lead SET stage_id = %(stage)s, stage_entered_at = now(), version = version + 1"
                " WHERE clinic_id = %(clinic)s AND id = %(lead)s",
                facts,
            )
            cursor.execute(
                "INSERT INTO crm_stagechange (id, clinic_id, created_at, updated_at, lead_id, to_stage_id, changed_at,"
                " lost_reason, before) VALUES (gen_random_uuid(), %(clinic)s, now(), now(), %(lead)s, %(stage)s, now(), '', '{}')",
                facts,
            )
            cursor.execute(
                "INSERT INTO crm_leadactivity (id, clinic_id, created_at, updated_at, lead_id, type, direction, outcome,"
                " notes, payload, occurred_at) VALUES"
                " (gen_random_uuid(), %(clinic)s, now(), now(), %(lead)s, 'STAGE_CHANGE', '', '', '', '{}', now())",
                facts,
            )
            cursor.execute(
                "INSERT INTO clinics_auditlog (id, clinic_id, created_at, updated_at, action, resource_type, resource_id,"
                " metadata, request_id) VALUES"
                " (gen_random_uuid(), %(clinic)s, now(), now(), 'crm.lead.moved', 'crm.lead', %(lead)s, '{}', '')",
                facts,
            )
        return b""
