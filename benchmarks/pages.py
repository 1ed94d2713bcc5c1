"""The pages of the pipeline: board, move, list and lead page, through the real HTTP stack."""

import itertools
from datetime import timedelta
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.floors import Floor
from benchmarks.server import Browser
from benchmarks.timing import Result, timed
from clinics.models import ClinicUser, Role, Tag
from clinics.tenancy import SESSION_KEY, clinic_scope
from crm.board import column_of
from crm.filters import filter_of
from crm.models import Lead, LeadSource, PipelineStage

KILOBYTE = 1024


class PageCases:
    """Each public method measures one case and yields its results."""

    def __init__(self, clinic, port, *, count):
        self.clinic, self.count = clinic, count
        with clinic_scope(clinic):
            self.member = ClinicUser.objects.filter(role=Role.TREATMENT_COORDINATOR).select_related("user").first()
            self.stages = list(PipelineStage.objects.in_order())
            self.source, self.tag = LeadSource.objects.order_by("pk").first(), Tag.objects.first()
        self.browser, self.floor = Browser(port, self.member), Floor(clinic)

    def board(self):
        """First load of the board, unfiltered."""
        ours = timed(lambda: self.browser.get("/pipeline/"), count=self.count)
        floor = timed(self.floor.board, count=self.count)
        statements = self.statements("/pipeline/")
        small = ours.size <= 200 * KILOBYTE and statements <= 12
        yield Result(
            "board",
            ours,
            "≤ 3× floor + 20 ms, ≤ 12 statements, ≤ 200 KB",
            small and _near(ours, floor),
            floor,
            statements,
        )

    def board_filtered(self):
        """The board narrowed to one coordinator, one source, one tag, and a text."""
        member, source, tag = self.member.pk, self.source.pk, self.tag.pk
        filters = {
            "coordinator": (f"coordinator={member}", "AND l.assigned_to_id = %(member)s"),
            "source": (f"source={source}", "AND l.source_id = %(source)s"),
            "tag": (
                f"tag={tag}",
                "AND EXISTS (SELECT 1 FROM crm_leadtag x WHERE x.clinic_id = l.clinic_id AND x.lead_id = l.id"
                " AND x.tag_id = %(tag)s)",
            ),
            "text": (
                "q=okafor",
                "AND EXISTS (SELECT 1 FROM crm_leadword w WHERE w.clinic_id = l.clinic_id AND w.person = l.id"
                " AND w.word >= 'okafor' AND w.word < 'okafos')",
            ),
        }
        for name, (query, where) in filters.items():
            ours = timed(lambda query=query: self.browser.get(f"/pipeline/?{query}"), count=self.count)
            floor = timed(
                lambda where=where: self.floor.board(where, member=member, source=source, tag=tag), count=self.count
            )
            statements = self.statements(f"/pipeline/?{query}")
            yield Result(f"board, {name}", ours, "≤ 3× floor + 20 ms", _near(ours, floor), floor, statements)

    def column(self):
        """The next page of the fullest column."""
        lost = self.stages[-1]
        with clinic_scope(self.clinic):
            first = column_of(lost, self.clinic, filter_of("", self.member))
        path = f"/pipeline/{lost.pk}/?after={first.after}"
        ours = timed(lambda: self.browser.get(path, htmx=True), count=self.count)
        yield Result("next page of a column", ours, "≤ 40 ms", ours.p50 <= 40)

    def board_pace(self):
        """How long leads stay in each stage: what the board asks for once it is drawn."""
        ours = timed(lambda: self.browser.get("/pipeline/pace/", htmx=True), count=self.count)
        yield Result("pace of the board", ours, "≤ 200 ms", ours.p50 <= 200)

    def today(self):
        """The page of the day: a coordinator's own, and everybody's."""
        for whose in ("mine", "everybody"):
            path = f"/today/?whose={whose}"
            ours = timed(lambda path=path: self.browser.get(path), count=self.count)
            yield Result(f"today, {whose}", ours, "≤ 200 ms", ours.p50 <= 200, None, self.statements(path))

    def board_day(self):
        """The board as it stood thirty days and a year ago, and the flow from either until yesterday."""
        yesterday = timezone.localdate() - timedelta(days=1)
        for days in (30, 365):
            day = timezone.localdate() - timedelta(days=days)
            for name, path in (
                ("board", f"/pipeline/day/?day={day}"),
                ("flow", f"/pipeline/flow/?first={day}&last={yesterday}"),
            ):
                ours = timed(lambda path=path: self.browser.get(path), count=min(self.count, 40))
                yield Result(f"{name} of {days} days ago", ours, "≤ 1 s", ours.p50 <= 1000)

    def move(self):
        """One card to the next stage, each time another one."""
        start, goal = self.stages[0], self.stages[1]
        with clinic_scope(self.clinic):
            leads = list(Lead.objects.present().in_stage(start).values_list("pk", flat=True)[: 2 * self.count + 20])
        ours_turn, floor_turn = iter(leads[::2]), iter(leads[1::2])
        count = min(self.count, len(leads) // 2 - 10)
        ours = timed(lambda: self.browser.post(f"/leads/{next(ours_turn)}/move/", {"stage": goal.pk}), count=count)
        floor = timed(lambda: self.floor.move(next(floor_turn), goal.pk), count=count)
        yield Result("move a card", ours, "≤ 40 ms, ≤ 15 KB", ours.p50 <= 40 and ours.size <= 15 * KILOBYTE, floor)

    def lead_list(self):
        """The list: first page, page 500, filtered, and by each sortable column."""
        source, member, stage = self.source.pk, self.member.pk, self.stages[1].pk
        for name, query in [
            ("page 1", ""), ("page 500", "?page=500"), ("one source", f"?source={source}"),
            ("one coordinator", f"?coordinator={member}"), ("one status", "?status=ACTIVE"),
            ("one tag", f"?tag={self.tag.pk}"),
            ("several at once", f"?source={source}&coordinator={member}&coordinator=nobody&stage={stage}"),
            ("text", "?q=okafor"), ("rare text", "?q=lead777"), ("one source, stuck", f"?source={source}&stuck=on"),
            ("no next step", "?no_next_step=on"), ("by name", "?sort=name"), ("by value", "?sort=-value"),
            ("by value, page 500", "?sort=-value&page=500"), ("by stage", "?sort=stage"),
            ("by coordinator", "?sort=coordinator"), ("by age", "?sort=since"), ("by next step", "?sort=next"),
            ("by e-mail, page 500", "?sort=email&page=500"),
        ]:  # fmt: skip
            path = f"/leads/{query}"
            ours = timed(lambda path=path: self.browser.get(path), count=self.count)
            statements = self.statements(path)
            passed = ours.p50 <= 80 and statements <= 10
            yield Result(f"lead list, {name}", ours, "≤ 80 ms, ≤ 10 statements", passed, None, statements)

    def lead_page(self):
        """The page of a lead with some 200 activities."""
        with clinic_scope(self.clinic):
            lead = Lead.objects.filter(activities__notes="Spoke about the plan again.").first()
        path = f"/leads/{lead.pk}/"
        ours = timed(lambda: self.browser.get(path), count=self.count)
        statements = self.statements(path)
        yield Result(
            "lead page, 200 activities",
            ours,
            "≤ 80 ms, ≤ 20 statements",
            ours.p50 <= 80 and statements <= 20,
            None,
            statements,
        )

    def quick_entry(self):
        """Who may be here already, while somebody is typed in who is: by phone, and by a name with a slip in it."""
        with clinic_scope(self.clinic):
            facts = Lead.objects.present().order_by("-pk").values_list("phone_e164", "first_name", "last_name")
            people = list(facts[:: max(1, facts.count() // 500)][:500])
        turn = itertools.cycle(people)

        def look_up(*, by_phone):
            phone, first_name, last_name = next(turn)
            slip = last_name[0] + last_name[2] + last_name[1] + last_name[3:]
            typed = {"phone": phone if by_phone else "", "first_name": first_name, "last_name": slip}
            return self.browser.get(f"/leads/new/matches/?{urlencode(typed)}", htmx=True)

        for name, by_phone in (("phone and name", True), ("misspelt name", False)):
            ours = timed(lambda by_phone=by_phone: look_up(by_phone=by_phone), count=self.count)
            yield Result(f"quick entry, {name}", ours, "≤ 30 ms", ours.p50 <= 30)

    def search(self):
        """The search box: a name of every tenth person, one of a few, a number's end, and nobody's."""
        for text in ("okafor", "ana7 ok", "0777", "zzz"):
            path = f"/palette/?{urlencode({'q': text})}"
            ours = timed(lambda path=path: self.browser.get(path, htmx=True), count=self.count)
            yield Result(f"search box, {text}", ours, "≤ 80 ms", ours.p50 <= 80)

    def statements(self, path, *, htmx=False):
        """How many statements the whole answer takes, the frame around the page included."""
        client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"} if htmx else {})
        client.force_login(self.member.user)
        session = client.session
        session[SESSION_KEY] = str(self.clinic.pk)
        session.save()
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured.captured_queries)


def _near(ours, floor):
    return ours.p50 <= 3 * floor.p50 + 20
