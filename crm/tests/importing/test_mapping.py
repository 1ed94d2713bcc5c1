import pytest

from clinics.tables.reading import read_table
from crm.forms.import_targets import TARGET_GROUPS
from crm.importing.mapping import IGNORE, KEPT, TARGETS, guess_mapping, plain
from crm.importing.words import HEADINGS


def targets(*headers, rows=()):
    return [guess.target for guess in guess_mapping(headers, list(rows))]


@pytest.mark.parametrize(
    "heading, words",
    [
        ("FirstName", "first name"),
        ("E-Mail_Address ", "e mail address"),
        ("☎ Contact", "phone contact"),
        ("Téléphone", "telephone"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("メール", "メール"),
        ("電話番号", "電話番号"),
        ("Prénom", "prenom"),
        ("🎉", ""),
    ],
)
def test_plain_leaves_the_words_of_a_heading(heading, words):
    assert plain(heading) == words


def test_every_word_leads_to_a_field_and_to_one_only():
    words = [word for listed in HEADINGS.values() for word in listed.split("|")]
    assert set(HEADINGS) <= set(TARGETS)
    assert sorted(plain(word) for word in words) == sorted({plain(word) for word in words})


@pytest.mark.parametrize(
    "headers, expected",
    [
        (
            ("Vorname", "Name", "E-Mail", "Telefon", "PLZ", "Ort"),
            ["first_name", "last_name", "email", "phone", "postal_code", "city"],
        ),
        (("Nombre", "Apellidos", "Correo electrónico", "Teléfono"), ["first_name", "last_name", "email", "phone"]),
        (("Prénom", "Nom", "Courriel", "Portable", "Ville"), ["first_name", "last_name", "email", "phone", "city"]),
        (("Nome", "Cognome", "Cellulare", "Città"), ["first_name", "last_name", "phone", "city"]),
        (("Nome", "Sobrenome", "Celular", "Origem"), ["first_name", "last_name", "phone", "source"]),
        (("氏名", "電話", "メール", "住所"), ["full_name", "phone", "email", "address_line1"]),
        (("姓", "名", "携帯"), ["last_name", "first_name", "phone"]),
        (("Nombre", "Móvil"), ["full_name", "phone"]),
        (("First Name", "Last Name", "Name"), ["first_name", "last_name", KEPT]),
        (
            ("utm_source", "utm_medium", "utm_campaign", "gclid", "fbclid"),
            ["utm_source", "utm_medium", "utm_campaign", "gclid", "fbclid"],
        ),
        (("Emial Adress", "Telephon Number"), ["email", "phone"]),
        (("Company", "Number of employees", "Last activity"), [KEPT, KEPT, KEPT]),
    ],
)
def test_headings_are_understood(headers, expected):
    assert targets(*headers) == expected


def test_a_second_phone_becomes_the_other_phone_and_a_third_is_kept():
    assert targets("Phone", "Mobile Phone", "Work phone") == ["phone", "phone_alt", KEPT]


def test_no_field_is_offered_twice():
    guesses = [target for target in targets("Email", "Email (2)", "Mail", "E-mail address") if target]
    assert guesses == ["email"]


def test_content_tells_where_the_heading_does_not():
    rows = [
        ("ana@example.com", "+1 212 555 0100", "Ana López"),
        ("bo@example.com", "(212) 555-0101", "Bo de Wit"),
        ("cy@example.com", "212.555.0102", "Cy Young"),
    ]
    assert targets("Column 1", "Column 2", "Column 3", rows=rows) == ["email", "phone", "full_name"]


def test_content_overrules_a_heading_that_is_wrong():
    rows = [(f"p{number}@example.com",) for number in range(5)]
    (guess,) = guess_mapping(["Contact number"], rows)
    assert (guess.target, guess.reason) == ("email", "the cells look like e-mail addresses")


def test_running_numbers_are_not_phones_and_answers_are_no_treatments():
    assert targets("Lead Number", "Interested?", rows=[("579533", "Yes"), ("579538", "Maybe"), ("1234567", "No")]) == [
        KEPT,
        KEPT,
    ]


EXPORTS = {
    "crm_exports/european-semicolon.csv": ["full_name", "email", "phone", KEPT, "status"],
    "crm_exports/excel-messy-export.csv": ["full_name", "email", "phone", "phone_alt", "assigned_to", KEPT],
    "crm_exports/facebook-leads-realistic.csv": [
        "external_id",
        "created_at",
        KEPT,
        KEPT,
        "source_campaign",
        "source_detail",
        KEPT,
        "ad_platform",
        "full_name",
        "email",
        "phone",
        "city",
        "state",
        "country",
    ],
    "crm_exports/ghl-mixed-seven-rows.csv": ["external_id", "first_name", "last_name", "phone", "email", "tags"],
    "crm_exports/hubspot-export.csv": [
        "external_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "status",
        "created_at",
        "source",
    ],
    "crm_exports/salesforce-leads.csv": [
        "external_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        KEPT,
        "source",
        "status",
        KEPT,
    ],
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exports_of_other_systems_are_understood(shared, name):
    table = read_table(shared(name))
    assert targets(*table.headers, rows=[row.cells for row in table.rows]) == EXPORTS[name]


def test_the_large_past_of_leads_is_understood(shared):
    table = read_table(shared("leads/x-education-past.csv.gz"))
    guesses = guess_mapping(table.headers, [row.cells for row in table.rows])
    assert {guess.header: guess.target for guess in guesses if guess.target} == {
        "Prospect ID": "external_id",
        "Lead Origin": "source_detail",
        "Lead Source": "source",
        "Do Not Email": "no_email",
        "Do Not Call": "no_calls",
        "Converted": "converted",
        "Country": "country",
        "Tags": "tags",
        "City": "city",
    }


def test_every_field_can_be_chosen_by_hand():
    assert {name for _group, names in TARGET_GROUPS for name in names} == TARGETS.keys() - {IGNORE}
