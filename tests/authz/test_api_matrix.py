"""What each operation of the API asks for, as the tables of the domain name it; the rest is ours."""

from config.api import api

OF_THE_DOMAIN = {
    "GET /api/leads": "lead:read",
    "GET /api/leads/{lead_id}": "lead:read",
    "POST /api/leads": "lead:create",
    "PUT /api/leads/{lead_id}": "lead:update",
    "POST /api/leads/{lead_id}/stage": "lead:update",
    "POST /api/leads/{lead_id}/assign": "lead:assign",
    "POST /api/leads/{lead_id}/convert": "lead:convert",
    "POST /api/leads/{lead_id}/lost": "lead:update",
    "GET /api/leads/{lead_id}/activities": "lead:read",
    "POST /api/leads/{lead_id}/activities": "lead:update",
    "GET /api/leads/{lead_id}/tasks": "lead:read",
    "POST /api/leads/{lead_id}/tasks": "lead:update",
    "PUT /api/leads/tasks/{task_id}": "lead:update",
    "POST /api/leads/tasks/{task_id}/complete": "lead:update",
    "GET /api/lead-sources": "lead:read",
    "POST /api/lead-sources": "lead:configure",
    "PUT /api/lead-sources/{source_id}": "lead:configure",
    "GET /api/pipeline-stages": "lead:read",
    "POST /api/pipeline-stages": "lead:configure",
    "PUT /api/pipeline-stages/{stage_id}": "lead:configure",
    "PUT /api/pipeline-stages/reorder": "lead:configure",
    "GET /api/leads/analytics/funnel": "lead:analytics",
    "GET /api/leads/analytics/sources": "lead:analytics",
    "GET /api/leads/analytics/coordinators": "lead:analytics",
    "GET /api/leads/analytics/lost-reasons": "lead:analytics",
}
OURS = {
    "GET /api/appointments": "schedule:read",
    "POST /api/appointments": "schedule:update",
    "GET /api/appointments/free": "schedule:read",
    "GET /api/appointments/{appointment_id}": "schedule:read",
    "PATCH /api/appointments/{appointment_id}": "schedule:update",
    "POST /api/appointments/{appointment_id}/cancel": "schedule:update",
    "POST /api/appointments/{appointment_id}/check-in": "schedule:update",
    "POST /api/appointments/{appointment_id}/complete": "schedule:update",
    "POST /api/appointments/{appointment_id}/confirm": "schedule:update",
    "POST /api/appointments/{appointment_id}/miss": "schedule:update",
    "POST /api/appointments/{appointment_id}/reschedule": "schedule:update",
    "GET /api/appointment-types": "schedule:read",
    "GET /api/providers": "schedule:read",
    "GET /api/visits": "patient:read",
    "POST /api/visits": "patient:update",
    "GET /api/visits/{visit_id}": "patient:read",
    "GET /api/kpi-events": "marketing:update",
    "POST /api/kpi-events": "marketing:update",
    "GET /api/payments": "patient:read",
    "POST /api/payments": "payment:create",
    "GET /api/payments/{payment_id}": "patient:read",
    "POST /api/payments/{payment_id}/refund": "payment:create",
    "GET /api/patients": "patient:read",
    "POST /api/patients": "patient:create",
    "GET /api/patients/{patient_id}": "patient:read",
    "PUT /api/patients/{patient_id}": "patient:update",
    "PATCH /api/patients/{patient_id}": "patient:update",
    "PATCH /api/leads/{lead_id}": "lead:update",
    "GET /api/leads/matches": "lead:create",
    "POST /api/leads/{lead_id}/archive": "lead:update",
    "POST /api/leads/{lead_id}/unarchive": "lead:update",
    "POST /api/leads/{lead_id}/reopen": "lead:reopen",
}


def test_every_operation_asks_for_the_code_in_the_table():
    asked = {f"{method} {path}": code for path, method, code in api.permissions()}

    assert asked == OF_THE_DOMAIN | OURS
