"""Getting in by hand: a passkey made and used under the strict policy for scripts, and the staff list."""

import pytest

from clinics.models import Role
from clinics.tests.factories import PASSWORD
from tests.browser.axe import broken_ids

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def owner(member_of):
    return member_of(Role.CLINIC_ADMIN, "Olga")


@pytest.fixture
def laptop(server, chromium, settings):
    """A window of a computer that can make passkeys; they need a name as address, not a number."""
    address = server.replace("127.0.0.1", "localhost")
    settings.BASE_URL = address
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(8000)
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    context.close()


def sign_in(page, member):
    page.goto("/account/login/")
    page.fill("[name=login]", member.user.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


def sign_out(page):
    page.goto("/account/logout/")
    page.click("main button")
    page.wait_for_url("**/account/login/**")


def assert_accessible(page):
    assert broken_ids(page) == []


def test_passkey_is_made_and_opens_the_desk(laptop, owner):
    sign_in(laptop, owner)
    laptop.wait_for_url("**/today/")
    laptop.goto("/account/2fa/webauthn/add/")
    laptop.fill("[name=password]", PASSWORD)
    laptop.press("[name=password]", "Enter")
    laptop.fill("[name=name]", "Laptop")
    laptop.click("text=Add the passkey")
    laptop.wait_for_url("**/recovery-codes/")
    assert_accessible(laptop)

    sign_out(laptop)
    laptop.click("text=Sign in with a passkey")
    laptop.wait_for_url("**/today/")

    sign_out(laptop)
    sign_in(laptop, owner)
    laptop.wait_for_url("**/2fa/authenticate/")
    assert_accessible(laptop)
    laptop.click("text=Use a passkey")
    laptop.wait_for_url("**/today/")


def test_somebody_is_invited_deactivated_and_let_in_again(window_of, owner, member_of):
    member_of(first_name="Renata")
    page = window_of(owner, "/staff/")

    page.keyboard.press("i")
    page.fill("#dialog [name=email]", "noor@example.com")
    page.select_option("#dialog [name=role]", "FRONT_DESK")
    page.click("#dialog >> text=Send the invitation")
    page.wait_for_selector("th:has-text('noor@example.com')")
    assert page.locator("#dialog[open]").count() == 0

    row = page.locator("tr", has_text="Renata Vasquez")
    row.get_by_role("link", name="Deactivate").click()
    page.locator("#dialog").get_by_role("button", name="Deactivate").click()
    row.get_by_role("button", name="Let in again").wait_for()
    page.click("#toasts >> text=Undo")
    row.get_by_role("link", name="Deactivate").wait_for()


def test_a_page_says_whether_somebody_asked_or_it_asks_by_itself(window_of, owner):
    page = window_of(owner, "/profile/")
    heard = []
    page.on("request", lambda request: heard.append((request.url.rpartition("/notices/")[2], request.headers)))
    page.goto("/notices/")

    with page.expect_response("**/notices/bell/"):
        page.evaluate(f"document.body.dispatchEvent(new CustomEvent('live:bell-{owner.pk}', {{bubbles: true}}))")
    with page.expect_response("**/notices/read/"):
        page.click("text=Mark all as read")

    background = {path: headers.get("x-background") for path, headers in heard}
    assert (background["bell/"], background["read/"]) == ("1", None)
    assert {headers.get("x-clinic") for path, headers in heard if path in ("bell/", "read/")} == {str(owner.clinic_id)}
