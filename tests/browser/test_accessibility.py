"""Every page, light and dark, wide and narrow, asked by axe: none may break a rule of WCAG 2.2 AA."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import reverse

from clinics.models import Clinic, ClinicUser, Role
from clinics.tenancy import clinic_scope
from crm.models import Lead, LeadStatus

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STAFF = [
    "crm:board", "crm:lead_list", "crm:lead_create", "crm:import_list", "crm:import_create", "crm:clinic_open",
    "clinics:job_list", "clinics:notification_list", "clinics:audit_list", "clinics:member_list",
    "clinics:member_invite",
    "clinics:profile", "clinics:styleguide", "mfa_index", "account_change_password",
]  # fmt: skip
OPEN = ["account_login", "account_reset_password", "account_reset_password_done"]
# The theme of the admin is a package's own; what is asked of it are the rules that our content answers for.
ADMIN = ["admin:clinics_clinic_changelist", "admin:crm_pipelinestage_changelist", "admin:crm_leadsource_add"]
ADMIN_RULES = {"type": "rule", "values": ["label", "button-name", "link-name", "html-has-lang", "document-title"]}


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


def broken_rules(page, options=RULES):
    return [
        (page.url, violation["id"], violation["nodes"][0]["target"])
        for violation in Axe().run(page, options=options).response["violations"]
    ]


def lead_pages(clinic):
    """One lead of each status, and the pages around it."""
    with clinic_scope(clinic):
        found = [Lead.objects.filter(status=status).order_by("pk").first() for status in LeadStatus]
    leads = [lead for lead in found if lead is not None]
    pages = [lead.get_absolute_url() for lead in leads]
    return [*pages, reverse("crm:lead_edit", args=[leads[0].pk]), reverse("crm:lead_audit", args=[leads[0].pk])]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_staff_breaks_a_rule(demo, admin, window_of, theme, width):
    page = window_of(admin, "/", width=width, color_scheme=theme)
    broken = []
    for path in [*map(reverse, STAFF), *lead_pages(demo)]:
        page.goto(path)
        broken += broken_rules(page)
    assert broken == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_before_the_login_breaks_a_rule(server, chromium, theme):
    window = chromium.new_context(base_url=server, viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = window.new_page()
    broken = []
    for path in [*map(reverse, OPEN), "/no-such-page/"]:
        page.goto(path)
        broken += broken_rules(page)
    window.close()
    assert broken == []


def test_the_admin_names_its_fields_and_buttons(demo, admin, window_of):
    page = window_of(admin, "/")
    broken = []
    for path in map(reverse, ADMIN):
        page.goto(path)
        broken += broken_rules(page, {"runOnly": ADMIN_RULES})
    assert broken == []


def test_no_page_needs_more_room_than_a_phone_has(demo, admin, window_of):
    page = window_of(admin, "/", width=390, height=844)
    too_wide = []
    for path in [*map(reverse, STAFF), *lead_pages(demo)]:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            too_wide.append(path)
    assert too_wide == []
