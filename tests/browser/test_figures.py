"""The figures of a clinic by keys alone: a period walked to, a table, a file, a report by e-mail."""

import re
from datetime import timedelta

from django.utils import timezone

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.models import LeadStatus
from crm.tests.factories import LeadFactory, LeadSourceFactory


def test_figures_are_asked_for_read_and_sent_by_keys(window_of, member_of, practice):
    admin = member_of(Role.CLINIC_ADMIN, "Olga")
    with clinic_scope(practice):
        facts = {"source": LeadSourceFactory(name="Radio"), "captured_at": timezone.now() - timedelta(days=3)}
        LeadFactory(status=LeadStatus.CONVERTED, converted_at=timezone.now(), **facts)
        LeadFactory(**facts)

    page = window_of(admin, "/analytics/")
    page.locator("#id_period").focus()
    for _press in range(6):  # past five others to this year: they are not asked for on the way
        page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("period=year"))
    page.locator("#id_period:focus").wait_for()

    page.locator("#mix [data-chart-view=table]").press("Enter")
    assert page.locator("#mix tbody tr").inner_text().split("\t")[:4] == ["Radio", "Web, organic search", "2", "100%"]
    with page.expect_download() as download:
        page.locator("#mix a[download]").press("Enter")
    assert 'Radio,"Web, organic search",2,1.0' in download.value.path().read_text()

    page.get_by_role("link", name="By e-mail").press("Enter")
    page.get_by_label("Report", exact=True).press("ArrowDown")
    page.get_by_role("button", name="Have it sent").press("Enter")
    page.get_by_text("Weekly lead summary goes to").wait_for()
    page.locator("tbody td", has_text="every Monday").wait_for()
    page.get_by_role("button", name="Send no more").press("Enter")
    page.get_by_text("sent no more.").wait_for()
    page.keyboard.press("z")
    page.get_by_text("Weekly lead summary is sent again.").wait_for()
