# ruff: noqa: E501 - statements read better in long lines
"""The inbox at hundreds of thousands of messages: its list, one long conversation, and the search over words and people."""

from urllib.parse import urlencode

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.floors import open_clinic_by_hand
from benchmarks.inbox_webhooks import InboxCases
from benchmarks.timing import Result, timed
from clinics.models import Tag
from clinics.tenancy import clinic_scope
from inbox.demo.volume import longest_conversation
from inbox.models import UnifiedConversation, UnifiedMessage
from inbox.shelves import write_key

LIST_MS, OPEN_MS, SEARCH_MS = 50, 60, 100
ROWS = """
    SELECT c.id, c.person_name, c.last_message_at, c.last_message_preview, c.unread_count, c.status, u.first_name
    FROM inbox_unifiedconversation c
    LEFT JOIN clinics_clinicuser m ON m.clinic_id = c.clinic_id AND m.id = c.assigned_to_id
    LEFT JOIN clinics_user u ON u.id = m.user_id
    WHERE c.clinic_id = %(clinic)s AND c.merged_into_id IS NULL AND c.deleted_at IS NULL {where}
    ORDER BY c.last_message_at DESC, c.id DESC LIMIT 31
"""
AWAKE = "AND c.status = 'ACTIVE' AND (c.snoozed_until IS NULL OR c.snoozed_until <= now())"
THREAD = """
    SELECT m.id, m.direction, m.channel, m.text, m.happened_at, m.status, u.first_name
    FROM inbox_unifiedmessage m
    LEFT JOIN clinics_clinicuser w ON w.clinic_id = m.clinic_id AND w.id = m.by_id
    LEFT JOIN clinics_user u ON u.id = w.user_id
    WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(conversation)s
    ORDER BY m.happened_at DESC, m.id DESC LIMIT 41
"""
SAID = """AND c.id IN (SELECT w.conversation FROM inbox_conversationword w WHERE w.clinic_id = %(clinic)s
    AND w.word >= %(word)s AND w.word < %(word)s || 'zzzz')"""


class InboxPageCases(InboxCases):
    """Three more cases; the clinic must have been drawn with --messages."""

    def inbox_list(self):
        """The inbox as it opens, its shelves, a channel, a tag, and what comes after a key."""
        with clinic_scope(self.clinic):
            deep = UnifiedConversation.objects.awake(timezone.now()).order_by("-last_message_at", "-pk")[300]
            key, tag = write_key(deep.last_message_at, deep.pk), Tag.objects.order_by("pk").first()
        floor = timed(lambda: self._by_hand(ROWS.format(where=AWAKE)), count=self.count)
        for name, query in [
            ("first load", {}), ("mine", {"box": "mine"}), ("unread", {"box": "unread"}), ("waiting", {"box": "waiting"}),
            ("resolved", {"box": "resolved"}), ("e-mail", {"channel": "EMAIL"}), ("one tag", {"tag": tag.pk}),
            ("page 10", {"after": key}),
        ]:  # fmt: skip
            yield self._page(f"inbox list, {name}", f"/inbox/?{urlencode(query)}", LIST_MS, floor)

    def inbox_open(self):
        """The longest conversation, with the list beside it; and what a click on its row fetches."""
        with clinic_scope(self.clinic):
            busy = longest_conversation()
            number = UnifiedMessage.objects.filter(conversation=busy).count()
        floor = timed(lambda: self._by_hand(THREAD, conversation=busy.pk), count=self.count)
        yield self._page(f"inbox, page of {number} messages", f"/inbox/{busy.pk}/", OPEN_MS, floor)
        yield self._page(f"inbox, click on {number} messages", f"/inbox/{busy.pk}/", OPEN_MS, floor, htmx=True)

    def inbox_search(self):
        """A word that nearly everybody has said, a rare one, two of them, a person, a number, and nobody."""
        for text in ("appointment", "zirconia", "payment zirconia", "okafor", "ana7 okafor", "k12345", "qqqq"):
            word = text.split()[-1]
            floor = timed(lambda word=word: self._by_hand(ROWS.format(where=SAID), word=word), count=self.count)
            yield self._page(f"inbox search, {text}", f"/inbox/?{urlencode({'q': text})}", SEARCH_MS, floor)

    def _page(self, name, path, most_ms, floor, *, htmx=False):
        ours = timed(lambda: self.browser.get(path, htmx=htmx), count=self.count)
        return Result(name, ours, f"≤ {most_ms} ms", ours.p50 <= most_ms, floor, self.statements(path, htmx=htmx))

    def _by_hand(self, statement, **facts):
        with transaction.atomic(), connection.cursor() as cursor:
            open_clinic_by_hand(cursor, self.clinic.pk)
            cursor.execute(statement, {"clinic": self.clinic.pk} | facts)
            return "".join(f"<li>{row}</li>" for row in cursor.fetchall()).encode()
