"""Ids of another clinic in what is sent: hidden fields, lists of ids, filters, headers. None is taken, none is told."""

import pytest
from django import forms
from django.apps import apps

from clinics.models import ClinicModel, ClinicUser, Role
from crm.models import Lead
from tests.isolation.addresses import every_address, is_hidden, values_of
from tests.isolation.asking import Tally, ask
from tests.isolation.bodies import ID_FIELDS, body_of, foreign_ids, query_of
from tests.isolation.walking import is_closed

pytestmark = pytest.mark.long

LISTS = {
    "crm:board",
    "crm:board_column",
    "crm:lead_list",
    "crm:lead_csv",
    "crm:lead_create",
    "clinics:audit_list",
    "patients:appointment_book",
    "patients:patient_list",
    "patients:schedule",
}
HANDFUL = 24
ASKING = Role.CLINIC_ADMIN  # the role that the most pages are open to


def pages(neighbours):
    """Every page of ours that opens to somebody, with its path among the rows of those who ask."""
    for address in every_address():
        if address.permission != "" and not is_closed(address):
            path = address.path(values_of(address, neighbours, neighbours.members[ASKING]))
            if not is_hidden(address, path):
                yield address, path


def judge(tally, world, answer, what):
    tally.count(answer)
    if answer.has_written:
        tally.leaked.append(f"{what} changes rows of another clinic")
    if world.is_told_in(answer.text + repr(sorted(answer.headers.items()))):
        tally.leaked.append(f"{what} tells what stands in a row of another clinic")
    if answer.status >= 500 or answer.error:
        tally.wrong.append(f"{what} breaks: {answer.status} {answer.error}")


def test_every_field_that_chooses_a_row_is_tried():
    """A form that chooses among rows names its field in tests/isolation/bodies.py."""
    missing = {
        name
        for form in _subclasses(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField)
        and field.queryset is not None
        and issubclass(field.queryset.model, ClinicModel)
        and name not in ID_FIELDS
    }

    assert not missing, f"Say in ID_FIELDS of tests/isolation/bodies.py which rows are chosen by: {sorted(missing)}"


def _subclasses(base):
    for child in base.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_foreign_ids_in_posted_fields_are_not_taken(worlds, report):
    world, neighbours = worlds
    tally = Tally()
    foreign = foreign_ids(world)

    for address, path in pages(neighbours):
        honest = body_of_in(address, neighbours)
        for fields in [foreign, *_a_few_at_a_time(foreign, honest)]:
            answer = ask(neighbours.clients[ASKING], "POST", path, honest | fields, watched=world)
            judge(tally, world, answer, f"POST {address} with a foreign {' '.join(fields)}")
            if answer.status == 405:
                break

    report("fields", tally)


def _a_few_at_a_time(foreign, honest):
    """Each field that the page is known to take by itself, so that none hides another; the rest in handfuls."""
    yield from ({name: value} for name, value in foreign.items() if name in honest)
    rest = [name for name in foreign if name not in honest]
    for start in range(0, len(rest), HANDFUL):
        yield {name: foreign[name] for name in rest[start : start + HANDFUL]}


def test_foreign_ids_in_questions_are_not_answered(worlds, report):
    world, neighbours = worlds
    tally = Tally()
    foreign = foreign_ids(world)
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"/leads/{world[Lead].pk}/"}

    for address, path in pages(neighbours):
        with neighbours.open():
            honest = query_of(address, neighbours)
        answer = ask(neighbours.clients[ASKING], "GET", path, honest | foreign, watched=world, **headers)
        judge(tally, world, answer, f"GET {address} with all ids")
        if answer.status == 200 and address.name in LISTS:
            for name, value in foreign.items():
                answer = ask(neighbours.clients[ASKING], "GET", path, {name: value}, **headers)
                judge(tally, world, answer, f"GET {address}?{name}=")

    report("questions", tally)


def test_search_words_of_another_clinic_find_nothing(worlds, report):
    """The filters and searches of every page, asked for words that stand only next door."""
    world, neighbours = worlds
    tally = Tally()

    typed = dict.fromkeys(("q", "term", "search"), f"{world.word}son")
    for address, path in pages(neighbours):
        answer = ask(neighbours.clients[ASKING], "GET", path, typed)
        answer.text = answer.text.replace(f"{world.word}son", "")  # the field shows what was typed
        answer.headers = {key: value.replace(f"{world.word}son", "") for key, value in answer.headers.items()}
        judge(tally, world, answer, f"GET {address} with words of next door")

    report("searches", tally)


def test_nobody_raises_their_own_role_or_changes_their_clinic(worlds, report):
    """`role`, `clinic` and the like in every form: members stay who they are, where the page is not made for it."""
    world, neighbours = worlds
    tally = Tally()
    wanted = {"role": Role.CLINIC_ADMIN, "clinic_id": world.clinic.pk, "is_active": "1", "user": world.admin.user_id}

    def roles():
        with neighbours.open():
            return dict(ClinicUser.objects.values_list("pk", "role"))

    before = roles()
    for role in (Role.VIEWER, Role.FRONT_DESK):
        for address, path in pages(neighbours):
            sent = body_of_in(address, neighbours) | wanted
            answer = ask(neighbours.clients[role], "POST", path, sent, watched=world, then=roles)
            judge(tally, world, answer, f"POST {address} with a role")
            if answer.then != before:
                tally.leaked.append(f"POST {address} lets {role} change roles")

    report("roles", tally)


def body_of_in(address, world):
    with world.open():
        return body_of(address, world)


def test_rows_of_every_model_can_be_tried_as_foreign_ids():
    """No id field names a model that is no longer there."""
    known = {model.__name__ for model in apps.get_models()}

    assert set(ID_FIELDS.values()) <= known
