"""Every page, light and dark, wide and narrow, asked by axe: none may break a rule of WCAG 2.2 AA."""

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, ClinicUser, Role
from clinics.tenancy import clinic_scope
from conftest import logged_in
from crm.models import Lead, LeadStatus
from tests.browser.axe import teach, violations
from tests.browser.pages import furnished_world, pages_of

pytestmark = pytest.mark.long

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is drawn from the rows of a year: the pages whose look depends on how full they are.
FULL = ["crm:board", "crm:lead_list", "clinics:audit_list", "clinics:member_list"]
OPEN = ["account_login", "account_reset_password", "account_reset_password_done"]
# The theme of the admin is a package's own; what is asked of it are the rules that our content answers for.
ADMIN = ["admin:clinics_clinic_changelist", "admin:crm_pipelinestage_changelist", "admin:crm_leadsource_add"]
ADMIN_RULES = {"type": "rule", "values": ["label", "button-name", "link-name", "html-has-lang", "document-title"]}
# Contrast goes with the theme and layout with the width: two settings show what four would.
SETTINGS = [("light", 1440), ("dark", 390)]
# What stands around every page of the desk, three quarters of its elements: the same but for the place that is marked.
# Every eighth page is asked with it, more often than there are places in it.
FRAME = [".sidebar", ".topbar", ".bottom-bar", "#more", "#palette", "#shortcuts"]
WITH_FRAME = 8
# Draws each of its parts in both themes at once: to ask it twice would be to ask four times.
BOTH_THEMES = "/styleguide/"
# Shared out, so that two workers of a test run have as much to do.
PARTS = 4
# So high that no bar which stays in sight lies over what is asked about, and no higher: all of it is painted.
LOW, BARS = 900, 400
TALLEST = "Math.max(...Array.from(document.querySelectorAll('*'), (element) => element.scrollHeight))"
# A colour on its way from one theme to the other is nobody's colour.
AT_REST = "document.getAnimations().forEach((moving) => moving instanceof CSSTransition && moving.finish())"
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def demo(transactional_db, settings):
    """The demo clinic: pages full of people with long names, overdue tasks and every stage."""
    settings.LOCAL = True
    call_command("load_demo", verbosity=0)
    return Clinic.objects.get(name="Downtown Medical Center")


@pytest.fixture
def admin(demo):
    with clinic_scope(demo):
        return ClinicUser.objects.select_related("user").filter(role=Role.CLINIC_ADMIN).first()


def broken_rules(page, rules=RULES, leaving_out=()):
    """What axe finds on the page as it stands, and that it needs more room than its window has."""
    found = [
        (page.url.split("/", 3)[3], violation["id"], str([node["html"][:160] for node in violation["nodes"]]))
        for violation in violations(page, leaving_out, runOnly=rules)
    ]
    return found + ([(page.url, "wider than the window", "")] if page.evaluate(TOO_WIDE) else [])


def lead_pages(clinic):
    """One lead of each status."""
    with clinic_scope(clinic):
        found = [Lead.objects.filter(status=status).order_by("pk").first() for status in LeadStatus]
    return [lead.get_absolute_url() for lead in found if lead is not None]


def broken_in_each_setting(page, path, is_whole=True):
    """What axe finds on a page as it stands in each setting; the page is loaded once.

    The frame around it is asked as well if `is_whole`.
    """
    page.set_viewport_size({"width": SETTINGS[0][1], "height": LOW})
    page.goto(path)
    broken = []
    for theme, width in SETTINGS[:1] if path == BOTH_THEMES else SETTINGS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": LOW})
        page.set_viewport_size({"width": width, "height": page.evaluate(TALLEST) + BARS})
        page.evaluate(AT_REST)
        broken += [(theme, *rule) for rule in broken_rules(page, leaving_out=[] if is_whole else FRAME)]
    return broken


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_of_the_staff_breaks_a_rule(transactional_db, settings, window_of, part):
    settings.STYLEGUIDE = True
    world = furnished_world()
    page = window_of(world.admin)
    teach(page)
    broken = []
    for number, path in enumerate(pages_of(world, part, PARTS)):
        broken += broken_in_each_setting(page, path, is_whole=number % WITH_FRAME == 0)
    assert not broken, "\n".join(map(str, broken))


def test_no_page_full_of_people_breaks_a_rule(demo, admin, window_of):
    page = window_of(admin)
    teach(page)
    broken = []
    for path in [*map(reverse, FULL), *lead_pages(demo)]:
        broken += broken_in_each_setting(page, path)
    for path in map(reverse, ADMIN):
        page.goto(path)
        found = broken_rules(page, ADMIN_RULES)
        broken += [rule for rule in found if rule[1] != "wider than the window"]
    assert not broken, "\n".join(map(str, broken))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_before_the_login_breaks_a_rule(server, chromium, theme):
    window = chromium.new_context(base_url=server, viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = window.new_page()
    broken = []
    for path in [*map(reverse, OPEN), "/no-such-page/"]:
        page.goto(path)
        broken += broken_rules(page)
    window.close()
    assert not broken, "\n".join(map(str, broken))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_that_refuses_breaks_a_rule(member_of, window_of, rf, theme):
    """What is sent instead of a page, drawn where it would be shown."""
    viewer = member_of(Role.VIEWER)
    page = window_of(viewer, "/", width=390, color_scheme=theme)
    guarded = Client(enforce_csrf_checks=True)
    refusals = {
        "not allowed": logged_in(viewer).get(reverse("clinics:member_list")).content.decode(),
        "form without its token": guarded.post(reverse("account_login"), {"login": "x@example.com"}).content.decode(),
        "too many tries": render_to_string("429.html", request=rf.get("/")),
        "broken": render_to_string("500.html", {"request_id": "0197"}),
        "database away": render_to_string("503.html", {"request_id": "0197"}),
    }
    broken = []
    for name, refusal in refusals.items():
        assert "<h1>" in refusal
        page.set_content(refusal)
        broken += [(name, *rule[1:]) for rule in broken_rules(page)]
    assert not broken, "\n".join(map(str, broken))
