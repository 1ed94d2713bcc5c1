"""Tables become FHIR resources: those of Synthea, and any other by what its columns are said to hold."""

import hashlib
import re
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from clinics.normalising import name_key
from clinics.tables.refusal_headings import refusal_target
from patients.emr.files.json_reading import Unreadable

IGNORE = ""
TARGETS = {
    "id": _("Id of the patient"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "full_name": _("Full name"),
    "birth_date": _("Birth date"),
    "phone": _("Phone"),
    "phone_alt": _("Other phone"),
    "email": _("E-mail"),
    "address_line1": _("Address"),
    "city": _("City"),
    "state": _("State"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "language": _("Language"),
    "visit_date": _("Date of a visit"),
    "visit_type": _("Type of the visit"),
}
# Headings as they are written in English and Spanish, without accents; the whole heading must be one of them.
WORDS = {
    "id": "id|patient id|patientid|mrn|chart|chart number|chart no|external id|numero de historia|expediente|codigo",
    "first_name": "first name|firstname|first|given name|given|nombre|nombres|primer nombre",
    "last_name": "last name|lastname|last|surname|family name|family|apellido|apellidos",
    "full_name": "name|full name|fullname|patient|patient name|nombre completo|paciente",
    "birth_date": "birth date|birthdate|date of birth|dob|born|birthday|fecha de nacimiento|nacimiento|f nacimiento",
    "phone": "phone|mobile|cell|cell phone|mobile phone|phone number|telephone|telefono|celular|movil",
    "phone_alt": "home phone|other phone|work phone|phone 2|telefono 2|telefono fijo|otro telefono",
    "email": "email|e mail|mail|email address|correo|correo electronico",
    "address_line1": "address|street|address 1|address line 1|direccion|calle|domicilio",
    "city": "city|town|ciudad|municipio",
    "state": "state|province|region|estado|provincia|departamento",
    "postal_code": "zip|zip code|zipcode|postal code|postcode|codigo postal|cp",
    "country": "country|pais",
    "language": "language|idioma|lengua",
    "visit_date": "visit date|last visit|date of visit|encounter date|fecha de visita|ultima visita|fecha de la visita",
    "visit_type": "visit type|procedure|reason|tipo de visita|motivo|procedimiento",
}
MEANT = {word: target for target, words in WORDS.items() for word in words.split("|")}
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
MONTH_FIRST = frozenset({"US", "CA", "PH"})
SYNTHEA = {
    "SYNTHEA_PATIENTS": frozenset({"Id", "BIRTHDATE", "FIRST", "LAST"}),
    "SYNTHEA_ENCOUNTERS": frozenset({"Id", "START", "PATIENT", "ENCOUNTERCLASS"}),
    "SYNTHEA_PROVIDERS": frozenset({"Id", "NAME", "SPECIALITY"}),
}


def synthea_kind(headers):
    """Which table of Synthea has these headings; "" for any other table."""
    return next((kind for kind, wanted in SYNTHEA.items() if wanted <= set(headers)), "")


def guess_columns(headers):
    """What each column holds, by its heading: a target for each, IGNORE where nothing is known; each target once."""
    taken, found = set(), []
    for header in headers:
        target = MEANT.get(NOT_A_WORD.sub(" ", name_key(header)).strip(), IGNORE)
        target = IGNORE if target in taken else target
        taken.add(target)
        found.append(target)
    return found


def refusals_in(headers):
    """Those headings that seem to say who wants to be left in peace: a table of patients does not bring that."""
    return [header for header in headers if refusal_target(_plain(header)) != ""]


def _plain(header):
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return NOT_A_WORD.sub(" ", name_key(words)).strip()


def resources_of_table(table, kind, columns, *, region):
    """Yield the resources of a table: of one of Synthea by its headings, of another by `columns`."""
    make = {
        "SYNTHEA_PATIENTS": _synthea_patient,
        "SYNTHEA_ENCOUNTERS": _synthea_encounter,
        "SYNTHEA_PROVIDERS": _synthea_provider,
    }.get(kind)
    for row in table.rows:
        if row.problem:
            yield Unreadable(row.line, row.problem)
        elif make is not None:
            yield make(dict(zip(table.headers, row.cells, strict=False)))
        else:
            yield from _mapped(dict(_known(columns, row.cells)), month_first=region in MONTH_FIRST)


def _known(columns, cells):
    return ((target, cell.strip()) for target, cell in zip(columns, cells, strict=False) if target and cell.strip())


def _synthea_patient(row):
    resource = {
        "resourceType": "Patient",
        "id": row["Id"],
        "name": [{"use": "official", "family": row["LAST"], "given": _some(row["FIRST"], row.get("MIDDLE"))}],
        "birthDate": row["BIRTHDATE"],
        "address": [
            {
                "line": _some(row.get("ADDRESS")),
                "city": row.get("CITY", ""),
                "state": row.get("STATE", ""),
                "postalCode": row.get("ZIP", ""),
            }
        ],
    }
    return resource | ({"deceasedDateTime": row["DEATHDATE"]} if row.get("DEATHDATE") else {})


def _synthea_encounter(row):
    return {
        "resourceType": "Encounter",
        "id": row["Id"],
        "status": "finished",
        "type": [{"text": row.get("DESCRIPTION", "")}],
        "subject": {"reference": f"Patient/{row['PATIENT']}"},
        "participant": [{"individual": {"reference": f"Practitioner/{row.get('PROVIDER', '')}"}}],
        "period": {"start": row["START"], "end": row.get("STOP", "")},
    }


def _synthea_provider(row):
    return {
        "resourceType": "Practitioner",
        "id": row["Id"],
        "name": [{"text": row["NAME"]}],
        "qualification": [{"code": {"text": row["SPECIALITY"].title()}}],
    }


def _mapped(row, *, month_first):
    """The patient of a row, and the visit if it tells of one. Without an id of its own a row is known by who it is."""
    name = {"family": row.get("last_name", ""), "given": _some(row.get("first_name"))}
    if not any(name.values()):
        name = {"text": row.get("full_name", "")}
    who = "|".join(row.get(key, "") for key in ("first_name", "last_name", "full_name", "birth_date", "phone", "email"))
    own_id = row.get("id") or f"row-{hashlib.sha256(name_key(who).encode()).hexdigest()[:24]}"
    phones = [
        {"system": "phone", "value": row[key], "rank": rank}
        for rank, key in enumerate(("phone", "phone_alt"), 1)
        if key in row
    ]
    emails = [{"system": "email", "value": row["email"]}] if "email" in row else []
    resource = {
        "resourceType": "Patient",
        "id": own_id,
        "name": [name],
        "telecom": [*phones, *emails],
        "address": [
            {
                "line": _some(row.get("address_line1")),
                "city": row.get("city", ""),
                "state": row.get("state", ""),
                "postalCode": row.get("postal_code", ""),
                "country": row.get("country", ""),
            }
        ],
        "communication": [{"language": {"coding": [{"code": row.get("language", "")[:2].lower()}]}}],
    }
    if "birth_date" in row:
        resource["birthDate"] = iso_date(row["birth_date"], month_first=month_first)
    yield resource
    if "visit_date" in row:
        day = iso_date(row["visit_date"], month_first=month_first)
        yield {
            "resourceType": "Encounter",
            "id": f"{own_id}-{day}"[:120],
            "status": "finished",
            "type": [{"text": row.get("visit_type", "")}],
            "subject": {"reference": f"Patient/{own_id}"},
            "period": {"start": day},
        }


def _some(*values):
    return [value for value in values if value]


def iso_date(text, *, month_first):
    """A date as people write it in the way of FHIR; 3/4/2010 is a day of March where months come first."""
    text = text.strip()
    orders = ("%m/%d/%Y", "%d/%m/%Y") if month_first else ("%d/%m/%Y", "%m/%d/%Y")
    plain = re.sub(r"[.\-]", "/", text.partition(" ")[0].partition("T")[0])
    for form in ("%Y/%m/%d", *orders, *(order.replace("%Y", "%y") for order in orders)):
        try:
            day = datetime.strptime(plain, form).date()
        except ValueError:
            continue
        if form.endswith("%y") and day > date.today():
            day = day.replace(year=day.year - 100)
        return day.isoformat()
    return text
