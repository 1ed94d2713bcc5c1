import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.conversion import Person, convert_lead
from crm.models import ConvertedPatient
from crm.tests.factories import LeadFactory
from patients.models import Patient
from patients.tests.factories import PatientFactory

FAMILY = {
    "p0-first_name": "Maya",
    "p0-last_name": "Vega",
    "p0-date_of_birth": "2014-05-03",
    "p1-first_name": "Leo",
    "p1-last_name": "Vega",
    "pays": "1",
    "payer-first_name": "Ana",
    "payer-last_name": "Vega",
}


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(
        assigned_to=coordinator,
        first_name="Ana",
        last_name="Vega",
        patient_first_name="Maya",
        patient_relationship="CHILD",
    )


def at(name, *args):
    return reverse(f"crm:{name}", args=[arg.pk for arg in args])


def test_the_dialog_knows_the_child_and_who_pays(htmx_of, coordinator, lead):
    shown = htmx_of(coordinator).get(at("lead_convert", lead)).content.decode()

    assert "<html" not in shown
    assert 'value="Maya"' in shown and 'name="payer-first_name" value="Ana"' in shown


def test_a_family_is_converted_and_the_admin_undoes_it_from_the_toast(htmx_of, client_of, owner, lead):
    page = htmx_of(owner)
    response = page.post(at("lead_convert", lead), FAMILY)

    undo = at("lead_convert_undo", lead, lead.conversions.get())
    assert response["HX-Redirect"] == lead.get_absolute_url()
    assert Patient.objects.present().count() == 3
    shown = client_of(owner).get(lead.get_absolute_url()).content.decode()
    assert undo in shown

    page.post(undo)
    assert Patient.objects.present().count() == 0


def test_converting_without_script_goes_back_to_the_lead(client_of, coordinator, lead):
    response = client_of(coordinator).post(at("lead_convert", lead), FAMILY)

    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())


def test_a_patient_who_is_here_already_is_asked_about_before_anything_is_saved(htmx_of, coordinator, lead):
    maya = PatientFactory(first_name="Maya", last_name="Vega", phone=lead.phone)
    page = htmx_of(coordinator)

    asked = page.post(at("lead_convert", lead), FAMILY | {"p0-date_of_birth": ""})
    assert asked.status_code == 409
    assert f'value="{maya.pk}" checked' in asked.content.decode()
    assert not ConvertedPatient.objects.exists()

    chosen = {"p0-date_of_birth": "", "p0-known": str(maya.pk), "p0-seen": str(maya.pk)}
    page.post(at("lead_convert", lead), FAMILY | chosen)
    assert ConvertedPatient.objects.get(patient=maya).was_created is False


@pytest.mark.parametrize("wrong", [{"p0-date_of_birth": "2999-01-01"}, {"p0-date_of_birth": "soon"}])
def test_a_wrong_birth_date_is_refused_in_its_place(htmx_of, coordinator, lead, wrong):
    response = htmx_of(coordinator).post(at("lead_convert", lead), FAMILY | wrong)

    assert response.status_code == 422
    assert not Patient.objects.exists()


def test_nobody_named_is_nobody_converted(htmx_of, coordinator, lead):
    response = htmx_of(coordinator).post(at("lead_convert", lead), {})

    assert response.status_code == 409
    assert "Say who becomes a patient." in response.content.decode()


def test_a_converted_lead_shows_its_patients_and_is_converted_once(client_of, coordinator, lead):
    convert_lead(lead, [Person(values={"first_name": "Maya"})], by=coordinator)
    page = client_of(coordinator)

    assert "Maya" in page.get(lead.get_absolute_url()).content.decode()
    assert page.get(at("lead_convert", lead)).status_code == 409


def test_the_panel_of_a_patient_asks_the_same_number_of_queries_for_one_and_three_leads(client_of, coordinator):
    maya, page, counts = PatientFactory(first_name="Maya"), client_of(coordinator), []
    for leads in (1, 2):
        for _lead in range(leads):
            convert_lead(LeadFactory(assigned_to=coordinator), [Person(known=maya)], by=coordinator)
        page.get(at("patient_panel", maya))
        with CaptureQueriesContext(connection) as queries:
            shown = page.get(at("patient_panel", maya)).content.decode()
        counts.append(len(queries))

    assert shown.count("Lead of ") == 3
    assert counts[0] == counts[1]


def test_converting_and_its_undo_are_for_who_may(client_of, receptionist, coordinator, stranger, lead):
    conversion = convert_lead(lead, [Person(values={"first_name": "Maya"})], by=coordinator)
    patient = Patient.objects.get()

    assert client_of(receptionist).get(at("lead_convert", lead)).status_code == 403
    assert client_of(coordinator).post(at("lead_convert_undo", lead, conversion)).status_code == 403
    assert client_of(stranger).get(at("patient_panel", patient)).status_code == 404


BOARD = {"HX-Current-URL": "http://testserver/pipeline/"}


def test_a_card_dropped_on_a_won_stage_asks_who_becomes_a_patient_and_moves_nothing(htmx_of, coordinator, lead, stages):
    asked = htmx_of(coordinator).post(at("lead_move", lead), {"stage": stages["treatment_started"].pk}, headers=BOARD)

    lead.refresh_from_db()
    assert (asked.status_code, asked["HX-Retarget"], lead.stage.slug) == (422, "#dialog", "new_lead")
    assert f"{at('lead_convert', lead)}?stage={stages['treatment_started'].pk}" in asked.content.decode()


def test_a_card_is_converted_on_the_board_and_stays_there(htmx_of, owner, lead, stages):
    page, url = htmx_of(owner), f"{at('lead_convert', lead)}?stage={stages['treatment_started'].pk}"
    done = page.post(url, FAMILY, headers=BOARD)

    lead.refresh_from_db()
    assert (done.status_code, lead.stage.slug, Patient.objects.count()) == (200, "treatment_started", 3)
    assert f"lead-card-{lead.pk}" in done.content.decode()
    assert "dialog:close" in done["HX-Trigger"]

    undone = page.post(at("lead_convert_undo", lead, lead.conversions.get()), headers=BOARD)
    lead.refresh_from_db()
    assert (undone.status_code, lead.stage.slug) == (200, "new_lead")
    assert f"lead-card-{lead.pk}" in undone.content.decode()


def test_the_dialog_of_a_won_stage_moves_alone_when_told_so(htmx_of, client_of, coordinator, lead, stages):
    won = stages["treatment_started"]
    plain = client_of(coordinator).post(at("lead_move", lead), {"stage": won.pk})
    assert "Move only" in client_of(coordinator).get(plain["Location"]).content.decode()

    htmx_of(coordinator).post(at("lead_enter", lead, won), FAMILY | {"only": "1"}, headers=BOARD)
    lead.refresh_from_db()
    assert (lead.stage, lead.is_locked, Patient.objects.count()) == (won, True, 0)


def test_a_stage_that_is_not_won_does_not_offer_the_move(client_of, coordinator, lead, stages):
    url = f"{at('lead_convert', lead)}?stage="

    for stage in (stages["contacted"].pk, "nonsense", ""):
        assert "Move only" not in client_of(coordinator).get(f"{url}{stage}").content.decode()
