from clinics.found_first import FoundFirst
from clinics.models import Tag
from clinics.pages import paginate


def test_rows_are_paged_in_their_order_and_no_further_than_asked(clinic, rf):
    Tag.objects.all().delete()
    for name in ["Cedar", "Ash", "Birch", "Elm"]:
        Tag.objects.create(name=name, color="1")
    rows = FoundFirst(Tag.objects.order_by("name"), lambda tags: tags, 3)

    first, second = (paginate(rf.get("/", {"page": number}), rows, size=2) for number in [1, 2])
    assert [[tag.name for tag in shown] for shown in [first, second]] == [["Ash", "Birch"], ["Cedar"]]
    assert first.paginator.is_cut

    Tag.objects.filter(name__in=["Cedar", "Elm"]).delete()
    assert not paginate(rf.get("/"), rows).paginator.is_cut
