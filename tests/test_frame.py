import re

import pytest
from django.urls import reverse

from clinics.models import Role
from clinics.tests.factories import ClinicUserFactory
from crm.submissions import write_submission
from crm.understanding import process_submission


def places(response):
    """{label: (is it the current one, how many wait there)} of the side navigation of a page."""
    side = response.content.decode().partition("</nav>")[0]
    found = {}
    for link in re.findall(r'<a class="sidebar__link".*?</a>', side, re.DOTALL):
        label, count = re.search(r'title="([^"]+)"', link).group(1), re.search(r"badge--accent\">(\d+)<", link)
        found[label] = ("aria-current" in link, int(count.group(1)) if count else 0)
    return found


def test_navigation_tells_where_one_is_and_how_many_wait(client_of, coordinator):
    browser, inquiries = client_of(coordinator), reverse("crm:inquiry_list")
    assert places(browser.get(inquiries))["Inquiries"] == (True, 0)

    process_submission(write_submission("WEBHOOK", {"first_name": "Ana", "phone": "12 34"}))

    assert places(browser.get(inquiries))["Inquiries"] == (True, 1)
    assert places(browser.get(reverse("crm:lead_list")))["Inquiries"] == (False, 1)


@pytest.mark.parametrize("first", [Role.CLINIC_ADMIN, Role.VIEWER])
def test_navigation_of_one_role_is_not_shown_to_another(client_of, clinic, first):
    second = Role.VIEWER if first == Role.CLINIC_ADMIN else Role.CLINIC_ADMIN
    shown = {
        role: places(client_of(ClinicUserFactory(role=role)).get(reverse("crm:lead_list"))) for role in (first, second)
    }

    assert "Audit" in shown[Role.CLINIC_ADMIN]
    assert "Audit" not in shown[Role.VIEWER]


def test_frame_switches_clinics_and_signs_out_by_one_form_with_a_token(client_of, coordinator):
    page = client_of(coordinator).get(reverse("crm:lead_list")).content.decode()

    form = re.search(r'<form id="frame-form" method="post" hidden>(.*?)</form>', page).group(1)
    assert "csrfmiddlewaretoken" in form
    senders = re.findall(r'<button[^>]* form="frame-form" formaction="([^"]+)"', page)
    assert set(senders) == {reverse("clinics:clinic_switch"), reverse("account_logout")}
