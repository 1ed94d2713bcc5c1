"""What every answer says to the browser about itself: no foreign scripts, no frames, no copies of people's data."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponse

from clinics.models import Role
from tests.isolation.asking import ask
from tests.isolation.walking import paths_of
from tests.isolation.world import World, nobody

PRODUCTION = {
    "DEBUG": "0",
    "LOCAL": "0",
    "SECRET_KEY": "n0t-a-real-key-" + "qwertzuiopasdfghjklyxcvbnm0123456789" * 2,
    "ENCRYPTION_KEYS": "1:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY=",
    "ALLOWED_HOSTS": "clinic.example",
    "BASE_URL": "https://clinic.example",
}


@pytest.fixture
def answers(db, settings):
    """Every page as a clinic admin sees it, and as nobody does: (address, who, answer)."""
    settings.STYLEGUIDE = True
    world = World("zephyrine")
    found = []
    for address, path in paths_of(None, world, world.admin):
        found.append((address, "admin", ask(world.clients[Role.CLINIC_ADMIN], "GET", path)))
        found.append((address, "nobody", ask(nobody(), "GET", path)))
    return found


def test_every_answer_is_guarded(answers):
    """One walk, and all that is asked of each answer: the list of findings is empty."""
    found = []
    for address, who, answer in answers:
        found += [f"{address} to {who}: {finding}" for finding in findings(address, who, answer)]

    assert not found, "\n".join(found)


def findings(address, who, answer):
    headers = answer.headers
    if address.name in ("healthz", "readyz", "metrics"):
        return  # read by machines, before any middleware of ours
    yield from policy_findings(address, headers.get("Content-Security-Policy", ""))
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if headers.get("Referrer-Policy") != "same-origin":
        yield "Referrer-Policy is not same-origin"
    if headers.get("X-Frame-Options") != "DENY":
        yield "X-Frame-Options is not DENY"
    if headers.get("Cross-Origin-Opener-Policy") != "same-origin":
        yield "Cross-Origin-Opener-Policy is not same-origin"
    if who == "admin" and answer.status == 200 and "no-store" not in headers.get("Cache-Control", ""):
        yield "an answer to somebody who is logged in may be kept by the browser: no no-store"
    yield from script_findings(answer)


def policy_findings(address, policy):
    sources = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    for directive in ("script-src", "style-src"):
        unsafe = [source for source in sources.get(directive, ["nothing said"]) if "unsafe" in source or "*" in source]
        if directive not in sources or (unsafe and not address.is_admin):
            yield f"{directive} is {' '.join(sources.get(directive, ['missing']))}"
    if "'unsafe-inline'" in sources.get("script-src", []):
        yield "script-src lets inline scripts run"
    for directive, only in {"frame-ancestors": "'none'", "base-uri": "'none'", "object-src": "'none'"}.items():
        if sources.get(directive) != [only]:
            yield f"{directive} is not {only}"


def script_findings(answer):
    nonce = re.search(r"'nonce-([^']+)'", answer.headers.get("Content-Security-Policy", ""))
    for tag in re.findall(r"<script\b[^>]*>", answer.text):
        is_data = "application/json" in tag or "importmap" in tag
        if "src=" not in tag and not is_data and (nonce is None or f'nonce="{nonce[1]}"' not in tag):
            yield f"a script without this answer's nonce: {tag}"
    if re.search(r"<[a-z][^>]*\son(click|change|load|submit|error)=", answer.text) and "/admin" not in answer.path:
        yield "an attribute that runs a script"


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

    assert len(list(findings(address, "admin", answer))) == 12
