"""What the house says of itself: cookies and settings in production, and that the walk sees what an answer lacks."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponse

from tests.isolation.header_findings import findings

PRODUCTION = {
    "DEBUG": "0",
    "LOCAL": "0",
    "SECRET_KEY": "n0t-a-real-key-" + "qwertzuiopasdfghjklyxcvbnm0123456789" * 2,
    "ENCRYPTION_KEYS": "1:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY=",
    "ALLOWED_HOSTS": "clinic.example",
    "BASE_URL": "https://clinic.example",
}


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client):
    response = client.get("/account/login/")

    for cookie in response.cookies.values():
        assert cookie["httponly"], f"{cookie.key} can be read by a script"
        assert cookie["samesite"] in ("Lax", "Strict"), f"{cookie.key} travels with requests of other sites"


def test_a_session_cookie_is_http_only_and_stays_on_this_site():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_production_settings_pass_the_check_for_deployment():
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stdout + done.stderr


def test_production_cookies_are_bound_to_the_host_and_to_https():
    asked = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
    ]
    script = f"from django.conf import settings; print([getattr(settings, name) for name in {asked!r}])"

    done = in_production("-c", script)

    assert done.stdout.strip() == "['__Host-recare_session', '__Host-recare_csrf', True, True, True]", done.stderr


def in_production(*arguments):
    """Run Python as an installation would, with nothing set but what .env.example asks for."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DATABASE_URL", "TMPDIR")}
    environment = {"DATABASE_URL": "postgresql://app@localhost/app"} | kept | PRODUCTION
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return subprocess.run(
        [sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )


def test_the_findings_bite():
    """An answer with none of the headers has each of the findings."""
    bare = HttpResponse("<script>alert(1)</script><a onclick=x>")
    answer = type(
        "Bare", (), {"headers": dict(bare.headers), "text": bare.content.decode(), "status": 200, "path": "/"}
    )
    address = type("Page", (), {"name": "page", "is_admin": False})

    assert len(list(findings(address, "CLINIC_ADMIN", answer))) == 12
