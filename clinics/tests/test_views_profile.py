import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse

from clinics.browsers import browser_name
from clinics.models import ClinicUser, User
from clinics.notifications import notify
from conftest import last_audit

PROFILE = reverse("clinics:profile")


def test_profile_changes_name_and_language(viewer, client_of):
    client = client_of(viewer)

    response = client.post(PROFILE, {"first_name": "Vera", "last_name": "Ruiz", "language": "es"})

    viewer.user.refresh_from_db()
    assert (response.status_code, response.url) == (302, PROFILE)
    assert (viewer.user.last_name, viewer.user.language) == ("Ruiz", "es")
    assert response.cookies["django_language"].value == "es"
    assert 'lang="es"' in client.get(PROFILE).content.decode()
    assert last_audit(viewer).action == "clinics.member.renamed"


def test_profile_without_a_first_name_is_refused(viewer, client_of):
    response = client_of(viewer).post(PROFILE, {"first_name": "", "language": "en"})

    assert response.status_code == 422


def test_profile_cannot_change_role_or_address(viewer, client_of):
    client_of(viewer).post(
        PROFILE, {"first_name": "Vera", "language": "en", "role": "CLINIC_ADMIN", "email": "other@example.com"}
    )

    assert ClinicUser.objects.get(pk=viewer.pk).role == "VIEWER"
    assert User.objects.get(pk=viewer.user_id).email == viewer.user.email


@pytest.mark.parametrize(("wish", "count"), [("never", 0), ("away", 1), ("always", 1)])
def test_notices_are_copied_as_wished(viewer, client_of, mailoutbox, django_capture_on_commit_callbacks, wish, count):
    client_of(viewer).post(reverse("clinics:profile_notifications"), {"email": wish})
    viewer.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        notify(viewer, "job", "The import of Maria Lopez is done", url="/jobs/")

    assert len(mailoutbox) == count
    assert all("Maria" not in message.body + message.subject for message in mailoutbox)


def test_own_sessions_are_listed_and_can_be_ended(viewer, client_of):
    here, there = client_of(viewer), client_of(viewer)
    here.get(PROFILE)
    there.get(PROFILE, headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/146.0"})
    other = UserSession.objects.get(session_key=there.session.session_key)

    assert "Firefox on Windows" in here.get(PROFILE).content.decode()
    here.post(reverse("clinics:session_end", args=[other.pk]))

    assert there.get(PROFILE).status_code == 302
    assert here.get(PROFILE).status_code == 200


def test_sessions_of_others_are_unknown(viewer, doctor, client_of):
    theirs, ours = client_of(doctor), client_of(viewer)
    theirs.get(PROFILE)
    session = UserSession.objects.get(user=doctor.user)

    assert ours.post(reverse("clinics:session_end", args=[session.pk])).status_code == 404
    assert theirs.get(PROFILE).status_code == 200


def test_signing_out_everywhere_else(viewer, client_of):
    here, there = client_of(viewer), client_of(viewer)
    here.get(PROFILE)
    there.get(PROFILE)

    here.post(reverse("clinics:session_end_others"))

    assert (here.get(PROFILE).status_code, there.get(PROFILE).status_code) == (200, 302)


def test_language_is_chosen_before_signing_in(client, db):
    response = client.post(reverse("clinics:language_choose"), {"language": "es", "next": "/account/login/"})

    assert response.url == "/account/login/"
    assert client.get("/account/login/").headers["Content-Language"] == "es"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_language_leads_nowhere_else(client, db, wanted):
    response = client.post(reverse("clinics:language_choose"), {"language": "en", "next": wanted})

    assert response.url == "/"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8", "A browser"),
    ],
)
def test_browser_name(user_agent, name):
    assert browser_name(user_agent) == name
