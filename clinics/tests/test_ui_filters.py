import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.test import RequestFactory

from clinics.templatetags.ui import active_filters


class FlagFilter(django_filters.Filter):
    field_class = forms.BooleanField


class WordFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Search")
    source = django_filters.MultipleChoiceFilter(label="Source", choices=[("ads", "Google Ads"), ("walk", "Walk-in")])
    value = django_filters.RangeFilter(label="Value")
    open = FlagFilter(label="Open")


def active(address):
    request = RequestFactory().get(f"/?{address}")
    return active_filters({"request": request}, WordFilter(QueryDict(address), queryset=ContentType.objects.none()))


def test_active_filters_speak_in_labels_and_go_one_by_one():
    assert active("source=ads&source=walk&q=ana&page=2&sort=name") == [
        {"label": "Source", "value": "Google Ads", "remove": "?source=walk&q=ana&sort=name"},
        {"label": "Source", "value": "Walk-in", "remove": "?source=ads&q=ana&sort=name"},
    ]


def test_active_filters_that_are_on_or_off_have_no_value():
    assert active("open=on") == [{"label": "Open", "value": "", "remove": "?"}]


def test_active_filters_join_both_ends_of_a_range():
    assert active("value_min=100&value_max=400&source=ads")[1] == {
        "label": "Value",
        "value": "100 – 400",
        "remove": "?source=ads",
    }


def test_active_filters_are_none_where_nothing_is_chosen():
    assert active("source=&q=") == []
