"""A real Chromium against a real server over the test database: what is shown here is what a person would see."""

import shutil
import socket
import threading
import time

import pytest
import uvicorn
from django.conf import settings as django_settings
from django.db import connection

from clinics.jobs import run_job
from clinics.models import BackgroundJob, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from config.asgi import OneThreadHandler
from conftest import logged_in
from tests.browser.static_files import with_static_files
from tests.remembered_preset import give_preset

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker("browser")
            if chromium is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def server(chromium, transactional_db, settings):
    """The address of the product, served by uvicorn in a thread over the test database."""
    settings.SECURE_HSTS_SECONDS = 0
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "recare_session", "recare_csrf"
    app = with_static_files(OneThreadHandler())
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = running.force_exit = True
    thread.join(timeout=10)


@pytest.fixture
def practice(transactional_db):
    """A clinic with the orthodontics preset, committed, so that the server sees it; enter it by clinic_scope."""
    clinic = ClinicFactory(name="Downtown Orthodontics", slug="downtown")
    give_preset(clinic)
    return clinic


@pytest.fixture
def member_of(practice):
    """member_of(role, first_name): somebody who works in the practice."""

    def create(role=Role.TREATMENT_COORDINATOR, first_name="Renata"):
        with clinic_scope(practice):
            return ClinicUserFactory(role=role, user__first_name=first_name, user__last_name="Vasquez")

    return create


@pytest.fixture
def window_of(server, chromium):
    """window_of(member, path): a browser window in which that member is signed in. Errors of scripts fail the test."""
    opened, errors = [], []

    def open_window(member, path="/", *, width=1440, height=900, **options):
        context = chromium.new_context(
            base_url=server, viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        cookie = logged_in(member).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(context)
        page.goto(path)
        return page

    yield open_window
    for context in opened:
        context.close()
    assert errors == []


@pytest.fixture
def phone_of(window_of):
    """phone_of(member, path): the same on a phone of 390 px with a touch screen."""

    def open_phone(member, path="/", **options):
        return window_of(member, path, width=390, height=844, has_touch=True, is_mobile=True, **options)

    return open_phone


@pytest.fixture
def worker(practice, monkeypatch):
    """Somebody who works off what is queued, as the worker process does; no broker is asked."""
    monkeypatch.setattr("clinics.background._start", lambda *arguments: None)
    is_over = threading.Event()

    def work():
        while not is_over.wait(0.2):
            with clinic_scope(practice):
                queued = list(BackgroundJob.objects.filter(status="QUEUED").values_list("pk", flat=True))
            for job_id in queued:
                run_job(practice, job_id)
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    is_over.set()
    thread.join(timeout=20)
