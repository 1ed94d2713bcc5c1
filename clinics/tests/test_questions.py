import pytest
from django.utils import timezone

from clinics.counting import count_some
from clinics.models import ClinicUser, SavedView, StaffNotification, Tag
from clinics.questions import NotAQuestion, Question
from clinics.tests.factories import ClinicUserFactory
from conftest import next_door

VIEWS = Question(lambda member: SavedView.objects.for_bar(member, SavedView.Layout.LIST))


def test_question_finds_what_its_queryset_finds_with_related_rows_and_annotations(clinic, coordinator, owner):
    SavedView.objects.create(owner=owner, layout="LIST", name="Shared", is_shared=True)
    SavedView.objects.create(owner=coordinator, layout="LIST", name="Mine")

    for member in (coordinator, owner):
        found = VIEWS.rows(member=member.pk)
        assert found == list(SavedView.objects.for_bar(member, "LIST"))
        assert [(view.owner.user.email, view.is_pinned) for view in found] == [
            (view.owner.user.email, None) for view in found
        ]


def test_question_is_written_once_and_costs_one_statement(clinic, coordinator, django_assert_num_queries):
    built = []

    def build(member):
        built.append(member)
        return StaffNotification.objects.filter(member=member)

    question = Question(build)
    StaffNotification.objects.create(member=coordinator, kind="lead", text="A lead is yours")
    with django_assert_num_queries(2):
        assert [notice.text for notice in question.rows(member=coordinator.pk)] == ["A lead is yours"]
        assert question.rows(member=ClinicUserFactory.build().pk) == []

    assert len(built) == 1


def test_question_asks_the_clinic_that_is_open(clinic, other_clinic):
    question = Question(lambda: Tag.objects.order_by("name").values_list("name", flat=True))
    Tag.objects.all().delete()
    Tag.objects.create(name="Ours", color="1")
    assert question.rows() == ["Ours"]

    with next_door(other_clinic):
        Tag.objects.all().delete()
        Tag.objects.create(name="Theirs", color="1")
        assert question.rows() == ["Theirs"]


def test_question_asks_for_words_too(clinic):
    def named(name: str):
        return Tag.objects.filter(name__in=[name, "Always"]).order_by("name").values_list("name", flat=True)

    question = Question(named)
    for name in ["One", "Two", "Always"]:
        Tag.objects.create(name=name, color="1")

    assert [question.rows(name=name) for name in ["One", "Two"]] == [["Always", "One"], ["Always", "Two"]]


def test_question_counts_several_things_at_once(clinic, coordinator):
    Tag.objects.all().delete()
    Tag.objects.create(name="One", color="1")

    def build(member):
        questions = {"tags": Tag.objects.all(), "bell": StaffNotification.objects.of(member)}
        return count_some(questions, most=100, beside=ClinicUser.objects.filter(pk=member))

    assert Question(build).rows(member=coordinator.pk) == [{"tags": 1, "bell": 0}]


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: ClinicUserFactory._meta.model._base_manager.all(), "clinic"),
        (lambda member: Tag.objects.all(), "member"),
        (lambda: Tag.objects.filter(created_at__lt=timezone.now()), "moment"),
    ],
)
def test_question_that_would_not_hold_another_time_is_refused(clinic, build, reason):
    with pytest.raises(NotAQuestion, match=reason):
        Question(build).rows(**{"member": clinic.pk} if reason == "member" else {})
