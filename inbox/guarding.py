"""Whether a message may go now: every rule is asked in the transaction that claims it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from crm.wrong_numbers import wrong_among
from inbox.consent import Standing
from inbox.costly_numbers import is_costly
from inbox.models import (
    AppointmentNotice,
    Channel,
    ConversationAddress,
    Direction,
    MessageStatus,
    Purpose,
    SentCount,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.models.choices import PHONE_CHANNELS
from inbox.quiet_hours import is_quiet, next_loud, zones_of
from inbox.windows import window_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)
JUST_WROTE = timedelta(hours=1)  # who has just written is awake: an answer to it, even an automatic one, may go
LOOK_AGAIN = timedelta(hours=1)
ASKED_OF_PEOPLE = ("lead__deleted_at", "patient__deleted_at", "location__time_zone", "lead", "patient", "location")
RINGS = (*PHONE_CHANNELS, Channel.FACEBOOK_MESSENGER, Channel.INSTAGRAM_DM)  # a mail wakes nobody
WENT = (
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
)


@dataclass(frozen=True)
class Verdict:
    """It goes, or it waits `until` a moment, or, without one, never goes; `reason` is a code of inbox.reasons."""

    goes: bool = False
    reason: str = ""
    until: datetime | None = None
    detail: str = ""
    consent: object = None
    tag: str = ""


class Guard:
    """The rules for what one account has due, with everything they ask for read in a handful of statements."""

    def __init__(self, clinic, rules, account, due, now):
        self.clinic, self.rules, self.account, self.now = clinic, rules, account, now
        self.standing = Standing([(message.channel, message.address) for message in due])
        ids = sorted({message.conversation_id for message in due})
        people = UnifiedConversation.objects.select_related("lead", "patient", "location").only(*ASKED_OF_PEOPLE)
        self.conversations = people.in_bulk(ids)
        heard = ConversationAddress.objects.filter(conversation__in=ids, channel=account.channel)
        self.heard_at = {(row.conversation_id, row.address): row.last_inbound_at for row in heard}
        self.went = self._went_lately(sorted({row.conversation_id for row in due if is_bound(row)}))
        self.untrue, self.wrong = _untrue_of(due), _wrong_numbers_of(due)
        self.month = now.astimezone(clinic.zone).date().replace(day=1)
        self.left, self.counted = self._left_this_month(), 0

    def verdict(self, message):
        """What is to happen to a message now; one that goes counts at once, for those that are asked after it."""
        permission = self.standing.permission(
            message.channel, message.address, message.purpose, confirms=bool(message.metadata.get("confirms"))
        )
        window = window_of(message.channel, self._heard_at(message), self.now)
        tag = window.tag_for(is_by_hand=not message.is_automatic, has_template=bool(message.metadata.get("template")))
        if message.expires_at and message.expires_at <= self.now:
            return Verdict(reason="expired")
        if self._is_gone(message):
            return Verdict(reason="person_gone")
        if message.pk in self.untrue:
            return Verdict(reason="appointment_changed")
        if message.channel in PHONE_CHANNELS and is_costly(message.address):
            return Verdict(reason="costly_number")
        if message.address in self.wrong and _is_unasked(message):
            return Verdict(reason="wrong_number")
        if permission.reason:
            until = self.now + LOOK_AGAIN if permission.waits else None
            return Verdict(reason=permission.reason, until=until, detail=permission.detail)
        if tag is None:
            return Verdict(reason="window_closed")
        waits = self._night(message) or self._often_enough(message) or self._used_up(message)
        if waits is not None:
            return waits
        self._count(message)
        return Verdict(goes=True, consent=permission.consent, tag=tag)

    def store(self):
        """Keep how many of the month were used, in the transaction of the claim."""
        if self.counted:
            SentCount.objects.filter(month=self.month).update(count=F("count") + self.counted)

    def _heard_at(self, message):
        return self.heard_at.get((message.conversation_id, message.address))

    def _is_gone(self, message):
        person = self.conversations[message.conversation_id].person
        return person is not None and person.deleted_at is not None

    def _night(self, message):
        if message.channel not in RINGS or not (message.is_automatic or message.purpose != Purpose.REPLY):
            return None
        heard_at = self._heard_at(message)
        if message.purpose == Purpose.REPLY and heard_at and heard_at > self.now - JUST_WROTE:
            return None
        location = self.conversations[message.conversation_id].location
        zones = zones_of(message.address, location.zone if location and location.time_zone else self.clinic.zone)
        hours = (self.rules.quiet_from, self.rules.quiet_until)
        if not is_quiet(self.now, zones, *hours):
            return None
        until = next_loud(self.now, zones, *hours)
        return Verdict(reason="quiet_hours", until=until) if until > self.now else None

    def _often_enough(self, message):
        if not is_bound(message):
            return None
        times = sorted(self.went[message.conversation_id])
        for most, span in ((self.rules.most_a_day, DAY), (self.rules.most_a_week, WEEK)):
            within = [moment for moment in times if moment > self.now - span]
            if len(within) >= most:
                return Verdict(reason="often_enough", until=(within[-most] if most else self.now) + span)
        return None

    def _used_up(self, message):
        """A person who waits for an answer gets it also when the plan is used up; it counts all the same."""
        is_answer = message.purpose == Purpose.REPLY and not message.is_automatic
        if is_answer or message.tries or message.channel == Channel.PORTAL or self.counted < self.left:
            return None
        return Verdict(reason="plan_limit", until=self.now + LOOK_AGAIN)

    def _count(self, message):
        if is_bound(message):
            self.went[message.conversation_id].append(self.now)
        if not message.tries and message.channel != Channel.PORTAL:
            self.counted += 1

    def _went_lately(self, conversation_ids):
        """When each of these people was last sent something that the limits count; locked, so that no two workers
        count the same person at the same time."""
        went = defaultdict(list)
        if not conversation_ids:
            return went
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('send ' || id, 0)) "
                "FROM unnest(%s::text[]) WITH ORDINALITY AS people(id, place) ORDER BY place",
                [[str(each) for each in conversation_ids]],
            )
        sent = UnifiedMessage.objects.filter(
            conversation__in=conversation_ids,
            direction=Direction.OUTBOUND,
            happened_at__gt=self.now - WEEK - DAY,
            claimed_at__gt=self.now - WEEK,
            status__in=WENT,
        )
        bound = sent.filter(BOUND).exclude(channel=Channel.PORTAL)
        for conversation_id, claimed_at in bound.values_list("conversation", "claimed_at"):
            went[conversation_id].append(claimed_at)
        return went

    def _left_this_month(self):
        """How many more messages the plan allows this month; the row is locked until the claim is committed."""
        SentCount.objects.bulk_create([SentCount(month=self.month)], ignore_conflicts=True)
        row = SentCount.objects.select_for_update(of=("self",), no_key=True).get(month=self.month)
        return self.clinic.message_limit - row.count


BOUND = Q(is_automatic=True) | ~Q(purpose=Purpose.REPLY)


def _is_unasked(message):
    """Whether a message is not a person's own answer to what somebody wrote."""
    return message.is_automatic or message.purpose != Purpose.REPLY


def _wrong_numbers_of(due):
    """The numbers that reached somebody else when they were called last: they may have been given to another."""
    numbers = {each.address for each in due if each.channel in PHONE_CHANNELS and _is_unasked(each)}
    return wrong_among(numbers) if numbers else set()


def _untrue_of(due):
    """The ids of messages about an appointment that stands otherwise by now."""
    cares = [each.pk for each in due if each.purpose == Purpose.CARE]
    if not cares:
        return set()
    notices = AppointmentNotice.objects.filter(message__in=cares)
    return {each.message_id for each in notices.select_related("appointment") if not each.is_true}


def is_bound(message):
    """Whether a message counts towards how often somebody may be written to: all but a person's own answers, and
    what goes to the staff."""
    is_limited = message.is_automatic or message.purpose != Purpose.REPLY
    is_apart = message.metadata.get("confirms") or message.metadata.get("member")
    return is_limited and message.channel != Channel.PORTAL and not is_apart
