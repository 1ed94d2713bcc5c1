import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import Clinic
from conftest import Browser, last_audit
from crm.models import LeadForm, LeadSource
from crm.tests.factories import LeadFormFactory

LIST, NEW, PREVIEW = (reverse(f"crm:{name}") for name in ("form_list", "form_create", "form_preview"))
BASE = {"name": "Landing page", "use": "WEB", "hue": "240", "language": ""}
FIELDS = {"field": ["phone", "first_name", "notes"], "on_phone": "on", "required_phone": "on", "on_first_name": "on"}


def test_form_create_saves_fields_in_their_order_with_words_and_an_address(client_of, owner):
    source = LeadSource.objects.first()
    words = {"label_en_phone": "Your cell", "text_es_title": "Sonría", "asks_consent": "on"}

    answer = client_of(owner).post(
        NEW, BASE | FIELDS | words | {"source": source.pk, "allowed_origins": "https://Clinic.example/page\n"}
    )

    form = LeadForm.objects.get(name="Landing page")
    assert answer["Location"] == form.get_absolute_url()
    assert [(each["name"], each["required"]) for each in form.fields] == [("phone", True), ("first_name", False)]
    assert form.fields[0]["label"] == {"en": "Your cell"}
    assert (form.texts, form.source, form.hue) == ({"es": {"title": "Sonría"}}, source, 240)
    assert form.allowed_origins == ["https://clinic.example"]
    assert last_audit(form).action == "crm.form.created"
    assert Browser().get(form.public_path).status_code == 200


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "Website form"}, "Another form has this name already."),
        ({"on_phone": None}, "asks for a phone number or an e-mail address"),
        ({"allowed_origins": "https://a.example; script-src *"}, "is no address of a site"),
        ({"allowed_origins": "*"}, "is no address of a site"),
        ({"redirect_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"redirect_url": "ftp://clinic.example/"}, "Enter a valid URL."),
        ({"hue": "1"}, "is not one of the available choices"),
    ],
)
def test_form_create_says_what_is_wrong_and_keeps_what_was_typed(client_of, owner, changed, words):
    sent = {name: value for name, value in (BASE | FIELDS | changed).items() if value is not None}

    answer = client_of(owner).post(NEW, sent | {"text_en_title": "My title"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text and "My title" in text
    assert not LeadForm.objects.filter(name="Landing page").exists()


def test_form_edit_changes_what_visitors_see_at_once(client_of, owner):
    form = LeadFormFactory()

    client_of(owner).post(form.get_absolute_url(), BASE | FIELDS | {"version": 1, "text_en_title": "Hello"})

    assert "<h1>Hello</h1>" in Browser().get(form.public_path).content.decode()


def test_form_edit_over_a_newer_change_is_refused(client_of, owner):
    form = LeadFormFactory()
    client = client_of(owner)
    client.post(form.get_absolute_url(), BASE | FIELDS | {"version": 1})

    answer = client.post(form.get_absolute_url(), BASE | FIELDS | {"version": 1, "name": "Mine"})

    form.refresh_from_db()
    assert (answer.status_code, form.name) == (409, "Landing page")


def test_the_arrows_change_the_order_without_saving(client_of, owner):
    answer = client_of(owner).post(NEW, BASE | FIELDS | {"on_notes": "on", "move": "notes:up"})

    names = [row["name"] for row in answer.context["builder"].rows()]
    assert names[:3] == ["phone", "notes", "first_name"]
    assert not LeadForm.objects.filter(name="Landing page").exists()


def test_form_preview_draws_what_stands_in_the_builder(htmx_of, owner):
    answer = htmx_of(owner).post(
        PREVIEW, BASE | FIELDS | {"name": "", "text_en_title": "Not <saved>", "shown_in": "en"}
    )

    text = answer.content.decode()
    assert text.strip().startswith('<div id="preview"')
    assert "Not &amp;lt;saved&amp;gt;" in text and "Mobile phone" in text
    assert not LeadForm.objects.filter(name="").exists()


def test_form_edit_offers_the_lines_for_the_clinics_site(client_of, owner, settings):
    settings.BASE_URL = "https://desk.example"
    form = LeadFormFactory()

    text = client_of(owner).get(form.get_absolute_url()).content.decode()

    assert f"https://desk.example{form.public_path}</textarea>" in text
    assert f"src=&quot;https://desk.example{form.public_path}?embed=1&quot;" in text
    assert f"&lt;form method=&quot;post&quot; action=&quot;https://desk.example{form.public_path}&quot;&gt;" in text


def test_form_close_shuts_the_address_and_open_opens_the_same(client_of, owner):
    form = LeadFormFactory()
    client = client_of(owner)

    client.post(reverse("crm:form_close", args=[form.pk]))
    assert Browser().get(form.public_path).status_code == 404
    client.post(reverse("crm:form_open", args=[form.pk]))
    assert Browser().get(form.public_path).status_code == 200


def test_a_minimal_clinic_is_offered_no_field_that_it_must_not_keep(clinic, client_of, owner):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL")

    rows = client_of(owner).get(NEW).context["builder"].rows()
    answer = client_of(owner).post(NEW, BASE | FIELDS | {"field": ["phone", "last_name"], "on_last_name": "on"})

    assert {"last_name", "patient_dob", "insurance_carrier", "notes"} & {row["name"] for row in rows} == set()
    assert (answer.status_code, LeadForm.objects.filter(name="Landing page").exists()) == (422, False)


def test_form_list_costs_the_same_for_one_and_three_forms(client_of, owner):
    client, costs = client_of(owner), []
    client.get(LIST)
    for _more in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        costs.append(len(queries))
        LeadFormFactory()

    assert costs[0] == costs[1]


def test_forms_are_made_by_clinic_admins_alone(client_of, coordinator, stranger):
    form = LeadFormFactory()

    assert client_of(coordinator).get(LIST).status_code == 403
    assert client_of(stranger).get(form.get_absolute_url()).status_code == 403
