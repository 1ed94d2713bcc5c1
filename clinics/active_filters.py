"""The filters that a list is narrowed by, in words: what stands on the chips above it."""

from django import forms

NOT_FILTERS = {"q", "sort", "page", "view"}


def filters_in_words(filterset, asked):
    """The filters of a list that are on: each value as {"label", "value", "remove"}, the address that takes it off."""
    form, found = filterset.form, []
    for name, field in form.fields.items():
        keys = [f"{name}_{suffix}" for suffix in getattr(field.widget, "suffixes", [])] or [name]
        values = [value for key in keys for value in form.data.getlist(key) if value]
        if name in NOT_FILTERS or not values:
            continue
        labels = {str(value): str(label) for value, label in flat_choices(field)}
        words = [labels.get(value, value) for value in values]
        if len(keys) > 1:  # both ends of a range belong together
            values, words = [None], [" – ".join(values)]
        if isinstance(field, forms.BooleanField):
            words = [""]
        for value, text in zip(values, words, strict=True):
            remove = _without(asked, keys, value)
            found.append({"label": form[name].label, "value": text, "remove": remove})
    return found


def _without(asked, keys, value):
    """The address without one value of a filter, or without all of them, from its first page."""
    query = asked.copy()
    query.pop("page", None)
    for key in keys:
        query.setlist(key, [other for other in query.getlist(key) if value is not None and other != value])
    return f"?{query.urlencode()}"


def flat_choices(field):
    """Value and label of each choice, groups opened; nothing for a field without choices."""
    for value, label in getattr(field, "choices", []):
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield value, label
