"""FHIR resources as an EMR tells them, as small as they may be; patients of different ids are different people."""

NAMES = ["Abara", "Bonilla", "Castro", "Dimitrov", "Echeverri", "Fuentes", "Gandhi", "Herrera", "Ibarra", "Jurado"]


def patient(row_id, **facts):
    return {
        "resourceType": "Patient",
        "id": row_id,
        "active": True,
        "name": [{"family": NAMES[int(row_id) % 10], "given": [NAMES[int(row_id) // 10 % 10]]}],
        "birthDate": f"19{60 + int(row_id) % 30}-0{1 + int(row_id) % 9}-{10 + int(row_id) // 7 % 18}",
        **facts,
    }


def appointment(row_id, patient_id, *, start="2026-12-07T15:00:00Z", end="2026-12-07T15:30:00Z", **facts):
    return {
        "resourceType": "Appointment",
        "id": row_id,
        "status": "booked",
        "start": start,
        "end": end,
        "participant": [{"actor": {"reference": f"Patient/{patient_id}"}, "status": "accepted"}],
        **facts,
    }


def encounter(row_id, patient_id, *, start="2026-01-07T15:00:00Z", **facts):
    return {
        "resourceType": "Encounter",
        "id": row_id,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": {"start": start, "end": start},
        **facts,
    }
