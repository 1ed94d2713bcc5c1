from clinics.counting import count_some, in_words
from clinics.models import ClinicUser, StaffNotification, Tag


def test_several_things_are_counted_no_further_than_asked(clinic, coordinator):
    Tag.objects.all().delete()
    for name in ["One", "Two", "Three"]:
        Tag.objects.create(name=name, color="1")

    questions = {"tags": Tag.objects.all(), "bell": StaffNotification.objects.of(coordinator)}
    beside = ClinicUser.objects.filter(pk=coordinator.pk)
    assert list(count_some(questions, most=3, beside=beside)) == [{"tags": 3, "bell": 0}]
    assert list(count_some(questions, most=2, beside=beside)) == [{"tags": 2, "bell": 0}]


def test_number_says_that_its_counting_ended():
    assert [in_words(number, most=100) for number in [1, 99, 100]] == ["1", "99", "99+"]
