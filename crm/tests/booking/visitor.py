"""What a visitor of a booking page sends, and is answered."""

from django.urls import reverse

NINE = "2026-12-09T14:00Z"  # nine o'clock in New York, on Wednesday
ANA = {"first_name": "Ana", "last_name": "Vega", "phone": "(212) 555-0101", "email": "ana@example.com", "slot": NINE}


def times_page(browser, form, kind, provider):
    return browser.get(reverse("crm:booking_times", args=[form.token]), {"type": kind.pk, "provider": provider.pk})


def visit_of(answer):
    return answer["Location"].partition("?")[0]
