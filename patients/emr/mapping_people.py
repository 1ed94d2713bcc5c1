"""Patients, related persons, practitioners and locations: who and where."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinics.models.clinic import LANGUAGES
from patients.emr.datatypes import (
    address_of,
    concept_codes,
    concept_text,
    day_of,
    dict_of,
    human_name,
    is_partial_date,
    list_of,
    reference_of,
    telecoms,
    text_of,
)
from patients.emr.reasons import because

OLDEST = date(1880, 1, 1)
ANIMAL = "/patient-animal"
SPOKEN = frozenset(code for code, _name in LANGUAGES)
# Who answers for a child: parents of all kinds, guardians, whoever pays. v3-RoleCode and v2-0063.
GUARDIANS = {
    "PRN", "MTH", "FTH", "NPRN", "NMTH", "NFTH", "ADOPTP", "ADOPTM", "ADOPTF", "STPPRN", "STPMTH", "STPFTH", "PRNFOST",
    "MTHFOST", "FTHFOST", "GESTM", "GUARD", "POWATT", "RESPRSN", "GUAR", "GRD", "PAR", "GRPRN", "GRMTH", "GRFTH",
}  # fmt: skip
GUARDIAN_WORDS = {"mother", "father", "parent", "guardian", "grandmother", "grandfather", "madre", "padre", "tutor"}
PARTS_OF_PLACES = {"wi", "wa", "lvl", "co", "ro", "bd", "ve", "ca", "rd", "jdn", "ho", "cabinet"}
ADDRESS_LIMITS = {
    "address_line1": 160,
    "address_line2": 160,
    "city": 80,
    "state": 80,
    "postal_code": 20,
    "country": 60,
}


def read_patient(facts, *, zone, now):
    resource = facts.resource
    if any(str(each.get("url", "")).endswith(ANIMAL) for each in list_of(resource.get("extension"))):
        facts.refusal = because("animal")
        return
    _read_person(facts, now=now)
    _read_language(facts)
    facts.point("provider", list_of(resource.get("generalPractitioner")), "Practitioner")
    for link in list_of(resource.get("link")):
        if link.get("type") == "replaced-by":
            facts.replaced_by = reference_of(link.get("other"), expected="Patient")
    if _has_died(resource):
        facts.gone = because("died")
    elif resource.get("active") is False:
        facts.gone = because("went")
    if not any(facts.values.get(name) for name in ("first_name", "last_name", "phone", "email")):
        facts.refusal = because("nobody_named")


def _has_died(resource):
    return resource.get("deceasedBoolean") is True or bool(text_of(resource.get("deceasedDateTime")))


def _read_person(facts, *, now):
    resource = facts.resource
    given, family = human_name(resource.get("name"))
    facts.put("first_name", given, limit=80)
    facts.put("last_name", family, limit=80)
    phones = telecoms(resource.get("telecom"), "phone", "sms")
    facts.put("phone", phones[0] if phones else "", limit=40)
    facts.put("phone_alt", phones[1] if len(phones) > 1 else "", limit=40)
    facts.values["email"] = _email(facts)
    facts.values["date_of_birth"] = _birth_date(facts, today=now.date())
    address = address_of(resource.get("address"))
    for name, limit in ADDRESS_LIMITS.items():
        facts.put(name, address.get(name, ""), limit=limit)


def _email(facts):
    for address in telecoms(facts.resource.get("telecom"), "email"):
        try:
            validate_email(address)
        except ValidationError:
            facts.remark("email_wrong", value=address)
            continue
        if len(address) <= 254:
            return address
    return ""


def _birth_date(facts, *, today):
    text = facts.resource.get("birthDate")
    if text in (None, ""):
        return None
    if is_partial_date(text):
        facts.remark("birth_date_partial", value=text)
        return None
    day = day_of(text)
    if day is None or not OLDEST <= day <= today:
        facts.remark("birth_date_wrong", value=text)
        return None
    return day


def _read_language(facts):
    spoken = list_of(facts.resource.get("communication"))
    spoken.sort(key=lambda each: each.get("preferred") is not True)
    codes = [code.partition("-")[0].lower() for each in spoken for code in concept_codes(each.get("language"))]
    facts.values["preferred_language"] = next((code for code in codes if code in SPOKEN), "")


def read_related_person(facts, *, zone, now):
    resource = facts.resource
    _read_person(facts, now=now)
    facts.point("patient", [resource.get("patient")], "Patient")
    words = set(concept_text(resource.get("relationship")).casefold().split())
    codes = concept_codes(resource.get("relationship"))
    facts.values["is_guardian"] = bool(codes & GUARDIANS or words & GUARDIAN_WORDS)
    if resource.get("active") is False:
        facts.refusal = because("not_active")
    elif not facts.refs["patient"]:
        facts.refusal = because("no_patient")
    elif not (facts.values["first_name"] or facts.values["last_name"]):
        facts.refusal = because("nobody_named")


def read_practitioner(facts, *, zone, now):
    resource = facts.resource
    given, family = human_name(resource.get("name"))
    prefixes = [
        text_of(each) for name in list_of(resource.get("name"))[:1] for each in list_of(name.get("prefix"), str)
    ]
    name = " ".join(filter(None, [*prefixes, given, family]))
    facts.put("name", name, limit=120)
    specialty = concept_text([dict_of(each.get("code")) for each in list_of(resource.get("qualification"))])
    facts.values["specialty"] = specialty[:80]
    facts.values["is_active"] = resource.get("active") is not False
    if not (given or family):
        facts.refusal = because("no_name")


def read_location(facts, *, zone, now):
    resource = facts.resource
    kinds = concept_codes(resource.get("physicalType"))
    facts.put("name", text_of(resource.get("name")), limit=120)
    phones = telecoms(resource.get("telecom"), "phone")
    facts.values["phone_number"] = next((phone for phone in phones if len(phone) <= 20), "")
    address = address_of(resource.get("address"))
    facts.put("address", ", ".join(filter(None, address.values())), limit=255)
    if resource.get("status") in ("inactive", "suspended"):
        facts.refusal = because("not_active")
    elif kinds & PARTS_OF_PLACES or resource.get("mode") == "kind":
        kind = concept_text(resource.get("physicalType")) or text_of(resource.get("mode"))
        facts.refusal = because("not_a_place", kind=kind)
    elif not facts.values["name"]:
        facts.refusal = because("no_name")
