"""What FHIR says, in our words: pure, and never failing whatever stands in a resource."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.emr.mapping import READERS, read_resource
from patients.tests.emr.conftest import appointment, encounter, patient

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["official", "phone", "2020-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "given", "family", "telecom", "system", "value", "use", "period", "start", "reference"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = (
    "name",
    "telecom",
    "birthDate",
    "address",
    "link",
    "subject",
    "period",
    "participant",
    "start",
    "meta",
    "type",
)


def read(resource):
    return read_resource(resource, zone=ZONE, now=NOW)


def test_of_several_names_the_official_one_counts_and_old_ones_never():
    names = [
        {"use": "nickname", "given": ["Jim"]},
        {"use": "old", "family": "Before", "given": ["Jane"]},
        {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
    ]

    facts = read(patient(name=names))

    assert (facts.values["first_name"], facts.values["last_name"]) == ("Peter James", "Chalmers")


def test_phones_come_by_rank_then_mobile_before_work_and_old_ones_never():
    points = [
        {"system": "phone", "value": "1", "use": "old"},
        {"system": "phone", "value": "2", "use": "work"},
        {"system": "phone", "value": "3", "use": "mobile"},
        {"system": "email", "value": "not an address"},
        {"system": "email", "value": "a@example.com"},
    ]

    facts = read(patient(telecom=points))

    assert (facts.values["phone"], facts.values["phone_alt"], facts.values["email"]) == ("3", "2", "a@example.com")
    assert [remark.code for remark in facts.remarks] == ["email_wrong"]


def test_a_birth_date_that_is_not_whole_or_makes_no_sense_is_remarked():
    found = {born: read(patient(born=born)) for born in ("1974-12-25", "1974-12", "2999-01-01", "1974-13-40")}

    assert [facts.values["date_of_birth"] for facts in found.values()] == [date(1974, 12, 25), None, None, None]
    assert [[remark.code for remark in facts.remarks] for facts in found.values()] == [
        [],
        ["birth_date_partial"],
        ["birth_date_wrong"],
        ["birth_date_wrong"],
    ]


def test_animals_and_nobody_are_refused_the_dead_and_the_merged_are_told_apart():
    animal = patient(extension=[{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}])
    merged = patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}])

    assert read(animal).refusal.code == "animal"
    assert read(patient(name=[], telecom=[])).refusal.code == "nobody_named"
    assert read(patient(deceasedBoolean=True)).gone.code == "died"
    assert read(merged).replaced_by == "Patient/p2"


def test_an_encounter_says_when_by_the_clock_of_the_clinic_if_it_names_no_zone():
    with_zone = read(encounter(at="2026-01-15T10:00:00+01:00"))
    a_day = read(encounter(at="2026-01-15"))

    assert with_zone.values["visit_date"] == datetime(2026, 1, 15, 9, tzinfo=UTC)
    assert a_day.values["visit_date"] == datetime(2026, 1, 15, 12, tzinfo=ZONE)


def test_an_encounter_that_is_no_visit_says_why():
    cases = {
        "not_happened": encounter(status="planned"),
        "in_the_future": encounter(at="2027-01-01T10:00:00Z"),
        "no_begin": encounter(period={}),
        "no_patient": encounter(subject={}),
        "not_a_person": encounter(subject={"reference": "Group/1"}),
    }

    assert {code: read(resource).refusal.code for code, resource in cases.items()} == {code: code for code in cases}


def test_references_are_read_in_all_their_forms_and_of_their_own_kind_alone():
    forms = ["Patient/p1", "https://fhir.example/r4/Patient/p1", "Patient/p1/_history/2", "urn:uuid:p1"]

    assert {read(encounter(of=form)).refs["patient"] for form in forms} == {("Patient/p1",)}
    assert read(encounter(of="Practitioner/p1")).refs["patient"] == ()


def test_statuses_of_appointments_become_ours():
    found = {status: read(appointment(status=status)) for status in ("booked", "fulfilled", "cancelled", "noshow")}

    assert {name: str(facts.values["status"]) for name, facts in found.items()} == {
        "booked": "SCHEDULED",
        "fulfilled": "COMPLETED",
        "cancelled": "CANCELLED",
        "noshow": "NO_SHOW",
    }
    assert read(appointment(status="proposed")).refusal.code == "not_booked"


@settings(max_examples=50)
@given(st.sampled_from(list(READERS)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_whatever_stands_in_a_resource_reading_does_not_fail(kind, content):
    facts = read({"resourceType": kind, "id": "x"} | content)

    assert facts.name == f"{kind}/x"
    assert json.dumps(facts.resource, default=str)
