from datetime import timedelta

from django.utils import timezone

from clinics.models import StaffNotification
from clinics.notifications import news_for_browser, notify, read_notifications


def test_notify_leaves_a_notice_for_one_member(owner, coordinator):
    notice = notify(coordinator, "lead", "A lead is yours", url="/leads/")

    assert list(StaffNotification.objects.of(coordinator).unread()) == [notice]
    assert list(StaffNotification.objects.of(owner)) == []


def test_notify_cuts_a_long_text(owner):
    assert len(notify(owner, "job", "x" * 300).text) == 255


def test_read_marks_all_of_ones_own_notices(owner, coordinator):
    for member in (owner, owner, coordinator):
        notify(member, "lead", "A lead is yours")

    assert (read_notifications(owner), read_notifications(owner)) == (2, 0)
    assert StaffNotification.objects.of(coordinator).unread().count() == 1


def test_read_marks_one_notice(owner):
    first, second = notify(owner, "lead", "One"), notify(owner, "lead", "Two")

    assert read_notifications(owner, notice=first) == 1
    assert list(StaffNotification.objects.of(owner).unread()) == [second]


def test_read_never_marks_the_notice_of_somebody_else(owner, coordinator):
    notice = notify(coordinator, "lead", "One")

    assert read_notifications(owner, notice=notice) == 0


def test_news_for_browser_tells_as_much_of_the_newest_as_its_reader_wants(owner):
    notify(owner, "lead", "Maria Lopez is yours")
    assert news_for_browser(owner) is None

    owner.notification_preferences = {"browser": "plain"}
    assert news_for_browser(owner).words == "There is something new for you."
    owner.notification_preferences = {"browser": "full"}
    assert news_for_browser(owner).words == "Maria Lopez is yours"
    StaffNotification.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert news_for_browser(owner) is None
