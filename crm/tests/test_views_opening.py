import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, ClinicUser, Role, Tag, User
from clinics.tenancy import SESSION_KEY, clinic_scope
from clinics.tests.factories import PASSWORD, UserFactory
from crm.models import PipelineStage

OPEN = reverse("crm:clinic_open")
FORM = {
    "name": "Lakeside Med Spa",
    "preset": "MED_SPA",
    "email": "hello@lakeside.example",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "phone_region": "US",
}


@pytest.fixture
def newcomer(db):
    """Somebody who can sign in and works nowhere yet."""
    user = UserFactory()
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    client.user = user
    return client


def test_clinic_open_asks_for_a_login(client, db):
    assert client.get(OPEN).url == f"/account/login/?next={OPEN}"


def test_somebody_without_a_clinic_is_shown_the_way(newcomer):
    response = newcomer.get("/")

    assert response.status_code == 403
    assert OPEN in response.content.decode()


def test_clinic_open_makes_the_opener_admin_and_moves_them_there(newcomer):
    response = newcomer.post(OPEN, FORM)

    clinic = Clinic.objects.get()
    assert (response.status_code, response.url) == (302, "/")
    assert newcomer.session[SESSION_KEY] == str(clinic.pk)
    with clinic_scope(clinic):
        assert ClinicUser.objects.get().role == Role.CLINIC_ADMIN
        assert PipelineStage.objects.count() > 4
        assert Tag.objects.exists()


def test_clinic_open_beside_another_leaves_that_one_alone(newcomer):
    newcomer.post(OPEN, FORM)
    newcomer.post(OPEN, FORM | {"name": "Hilltop Chiropractic", "preset": "CHIROPRACTIC"})

    assert sorted(Clinic.objects.values_list("name", flat=True)) == ["Hilltop Chiropractic", "Lakeside Med Spa"]
    page = newcomer.get("/profile/").content.decode()
    assert "Lakeside Med Spa" in page
    assert "Hilltop Chiropractic" in page


@pytest.mark.parametrize(("name", "value"), [("preset", "DENTAL"), ("time_zone", "Mars/Base"), ("phone_region", "ZZ")])
def test_clinic_open_refuses_what_it_does_not_know(newcomer, name, value):
    response = newcomer.post(OPEN, FORM | {name: value})

    assert response.status_code == 422
    assert Clinic.objects.count() == 0


def run(**options):
    out = StringIO()
    call_command("open_clinic", **{"name": "Lakeside", "preset": "MED_SPA", "stdout": out, **options})
    return out.getvalue()


def test_open_clinic_prints_a_link_that_sets_the_password(db):
    said = run(owner_email="New@Lakeside.example")

    client = Client()
    link = re.search(r"https?://[^/]+(/account/\S+)", said)[1]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "violet-harbor-7x", "password2": "violet-harbor-7x"})

    assert User.objects.get(email="new@lakeside.example").check_password("violet-harbor-7x")
    assert client.get("/profile/").status_code == 200


def test_open_clinic_for_somebody_who_is_known(db):
    user = UserFactory()

    said = run(owner_email=user.email)

    assert "sign in as before" in said
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "options", [{"owner_email": "nobody"}, {"owner_email": "a@b.example", "time_zone": "Mars/Base"}]
)
def test_open_clinic_refuses_nonsense(db, options):
    with pytest.raises(CommandError):
        run(**options)

    assert Clinic.objects.count() == 0
