import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.tables.reading import read_table
from crm.importing.cleaning import clean_row
from crm.importing.file_rules import Rules, rules_for
from crm.importing.mapping import IGNORE, KEPT, TARGETS, guess_mapping


def clean(rules=None, **texts):
    return clean_row(list(texts.values()), list(texts), list(texts), rules or Rules())


def clean_file(path, region="US", **options):
    table = read_table(path)
    targets = [guess.target for guess in guess_mapping(table.headers, [row.cells for row in table.rows])]
    rules = rules_for(targets, [row.cells for row in table.rows], region=region, **options)
    return [clean_row(row.cells, targets, table.headers, rules) for row in table.rows]


@pytest.mark.parametrize(
    "texts, values",
    [
        ({"full_name": " López,  Ana "}, {"first_name": "Ana", "last_name": "López"}),
        ({"full_name": "Ana López", "first_name": "Anita"}, {"first_name": "Anita", "last_name": "López"}),
        ({"email": "mailto:Ana.B@Example.COM"}, {"email": "Ana.B@example.com"}),
        ({"email": "<ana@example.com>"}, {"email": "ana@example.com"}),
        ({"phone": "(212) 555-0100"}, {"phone": "+12125550100"}),
        ({"expected_value": "$3,500"}, {"expected_value_cents": 350000}),
        ({"converted": "Yes"}, {"converted": True}),
        ({"tags": "VIP; #fb-lead, vip|  "}, {"tags": ["VIP", "fb-lead"]}),
        ({"status": "Working - Contacted"}, {"status": "ACTIVE"}),
        ({"preferred_contact": "Text message"}, {"preferred_contact": "TEXT"}),
        ({"city": "N/A", "state": "-", "source": "Select"}, {}),
        ({"first_name": "Null", "last_name": "None"}, {"first_name": "Null", "last_name": "None"}),
        ({"notes": "one\r\ntwo\x00\u200b"}, {"notes": "one\ntwo"}),
        ({"country": "fr", "phone": "06 12 34 56 78"}, {"country": "fr", "phone": "+33612345678"}),
    ],
)
def test_clean_row_makes_values(texts, values):
    cleaned = clean(external_id="x-1", phone_alt="+12125550199", **texts)
    expected = {"external_id": "x-1", "phone_alt": "+12125550199"} | values
    assert (cleaned.values, cleaned.problems, cleaned.warnings) == (expected, [], [])


@pytest.mark.parametrize(
    "texts, warning, note",
    [
        ({"phone": "555-2001"}, ("phone", "“555-2001” is not a whole phone number"), "Phone: 555-2001"),
        (
            {"phone": "1.21E+10"},
            ("phone", "“1.21E+10” was shortened by a spreadsheet; its digits are lost"),
            "Phone: 1.21E+10",
        ),
        ({"phone": "+1 212 555 0100 x12"}, ("phone", "extension 12 is in the notes"), "Phone: +1 212 555 0100 x12"),
        (
            {"phone": "212 555 0100 / 212 555 0101 / 212 555 0102"},
            ("phone", "more than two numbers; the others are in the notes"),
            "Phone: +12125550102",
        ),
        ({"created_at": "soon"}, ("created_at", "“soon” is not a date"), "Came in on: soon"),
        ({"created_at": "2199-01-01"}, ("created_at", "2199-01-01 is in the future"), "Came in on: 2199-01-01"),
        ({"expected_value": "a lot"}, ("expected_value", "“a lot” is not an amount of money"), "Expected value: a lot"),
        ({"converted": "maybe"}, ("converted", "“maybe” is neither yes nor no"), "Became a patient: maybe"),
        ({"status": "Zzz"}, ("status", "“Zzz” is not known here"), "Status: Zzz"),
        ({"city": "x" * 81}, ("city", "longer than 80 letters; the whole is in the notes"), "City: " + "x" * 81),
    ],
)
def test_clean_row_keeps_in_the_notes_what_it_cannot_use(texts, warning, note):
    cleaned = clean(first_name="Ana", email="ana@example.com", notes="asked twice", **texts)
    assert (cleaned.problems, cleaned.warnings) == ([], [warning])
    assert cleaned.values["notes"] == f"asked twice\n{note}"


def test_a_name_beside_an_address_is_kept_in_the_notes():
    cleaned = clean(external_id="x-1", email="Ana <ana@example.com>")

    assert (cleaned.values["email"], cleaned.values["notes"]) == ("ana@example.com", "E-mail: Ana <ana@example.com>")
    assert cleaned.warnings == [("email", "more than an address; the whole cell is in the notes")]


@pytest.mark.parametrize(
    "texts, problem",
    [
        ({"first_name": "Ana", "phone": "", "email": ""}, ("phone", "Neither a phone number nor an e-mail address")),
        ({"first_name": "", "phone": "555-2001"}, ("phone", "“555-2001” is not a whole phone number")),
        ({"last_name": "Unknown", "email": "invalid"}, ("email", "“invalid” is not an e-mail address")),
        ({"city": "Ulm", "phone": ""}, ("full_name", "Neither a name nor a phone number nor an e-mail address")),
    ],
)
def test_clean_row_refuses_somebody_nobody_could_reach(texts, problem):
    assert clean(**texts).problems == [problem]


def test_a_row_without_a_name_is_a_lead_by_its_number_where_the_file_has_no_contacts():
    rules = rules_for(["external_id", "city"], [], region="US")
    assert clean(rules, external_id="571b5c8e", city="Mumbai").is_importable


def test_what_is_not_ours_is_kept_beside_the_lead_and_what_is_left_out_is_not():
    cleaned = clean_row(
        ["x-1", "Acme", "secret", ""],
        ["external_id", KEPT, IGNORE, KEPT],
        ["Id", "Company", "Hash", "Fax"],
        Rules(has_contact_columns=False),
    )
    assert (cleaned.values, cleaned.extra) == ({"external_id": "x-1"}, {"Company": "Acme"})


@pytest.mark.parametrize(
    "dates, region, day_first, notices",
    [
        (["03/04/2024", "15/04/2024"], "US", True, ()),
        (["03/04/2024", "04/15/2024"], "FR", False, ()),
        (["03/04/2024"], "US", False, ("03/04 is read as March 4.",)),
        (["03/04/2024"], "FR", True, ("03/04 is read as 3 April.",)),
        (["2024-04-03"], "US", False, ()),
    ],
)
def test_rules_for_reads_days_and_months_by_the_whole_column(dates, region, day_first, notices):
    rules = rules_for(["created_at"], [(date,) for date in dates], region=region)
    assert (rules.day_first, rules.notices) == (day_first, notices)


def test_moments_without_a_zone_are_the_clinics():
    rules = Rules(zone=ZoneInfo("America/Chicago"))
    assert clean(rules, external_id="1", phone="+12125550100", created_at="2024-01-15 10:00:00").values[
        "created_at"
    ] == (dt.datetime(2024, 1, 15, 16, tzinfo=dt.UTC))


@given(st.dictionaries(st.sampled_from([KEPT, *TARGETS]), st.text(max_size=60), min_size=1))
def test_any_row_is_values_and_remarks(texts):
    cleaned = clean(**texts)
    assert all(target in TARGETS and message for target, message in cleaned.problems + cleaned.warnings)
    assert cleaned.is_importable == (not cleaned.problems)


def test_the_seven_rows_are_five_whole_one_with_a_bad_phone_one_out_of_reach(shared):
    people = clean_file(shared("crm_exports/ghl-mixed-seven-rows.csv"))
    whole = [person for person in people if person.is_importable and not person.warnings]
    bad_phone = [person for person in people if "phone" in dict(person.warnings)]
    refused = [person for person in people if not person.is_importable]

    assert (len(people), len(whole), len(bad_phone), len(refused)) == (7, 5, 1, 1)
    assert bad_phone[0].values["notes"] == "Phone: 555-1234"
    assert refused[0].problems == [("phone", "Neither a phone number nor an e-mail address")]


def test_the_seven_rows_lose_the_bad_phone_where_the_clinic_refuses_those(shared):
    people = clean_file(shared("crm_exports/ghl-mixed-seven-rows.csv"), refuse_bad_phones=True)
    assert [person.is_importable for person in people] == [True, False, False, True, True, True, True]
    assert people[1].problems == [("phone", "“555-1234” is not a whole phone number")]


@pytest.mark.parametrize(
    "name, region, importable, with_remarks",
    [
        ("hubspot-export", "US", 3, 2),
        ("salesforce-leads", "US", 2, 2),
        ("facebook-leads-realistic", "US", 3, 2),
        ("european-semicolon", "FR", 2, 0),
        ("european-semicolon", "US", 2, 1),
        ("excel-messy-export", "US", 2, 2),
    ],
)
def test_the_exports_of_other_systems_become_leads(shared, name, region, importable, with_remarks):
    people = [person for person in clean_file(shared(f"crm_exports/{name}.csv"), region) if person.is_importable]
    assert (len(people), sum(1 for person in people if person.warnings)) == (importable, with_remarks)


def test_the_large_past_of_leads_becomes_leads_without_a_remark(shared):
    people = clean_file(shared("leads/x-education-past.csv.gz"))
    assert (
        len(people),
        sum(person.is_importable for person in people),
        sum(bool(person.warnings) for person in people),
    ) == (6468, 6468, 0)
    assert len({person.values["external_id"] for person in people}) == 6468
