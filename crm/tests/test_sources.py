from conftest import last_audit
from crm.models import LeadSource
from crm.sources import change_source, create_source
from crm.tests.factories import LeadSourceFactory


def test_create_source_is_on_record(clinic, owner):
    source = create_source({"name": "Billboard", "category": "PRINT_AD", "monthly_cost_cents": 90_000}, by=owner)

    assert LeadSource.objects.get(name="Billboard") == source
    assert (last_audit(source).action, last_audit(source).actor) == ("crm.source.created", owner)


def test_change_source_records_what_changed_and_nothing_else(clinic, owner):
    source = LeadSourceFactory(name="Billboard", monthly_cost_cents=90_000)

    change_source(source, {"name": "Billboard", "monthly_cost_cents": 95_000}, by=owner)

    entry = last_audit(source)
    assert (entry.before, entry.after) == ({"monthly_cost_cents": 90_000}, {"monthly_cost_cents": 95_000})


def test_change_source_without_a_change_writes_nothing(clinic, owner):
    source = LeadSourceFactory(name="Billboard")

    change_source(source, {"name": "Billboard"}, by=owner)

    assert last_audit(source) is None
