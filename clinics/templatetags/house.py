"""What the crispy pack of the house needs beyond its templates: `{% load house %}`."""

from functools import lru_cache

from django import forms, template
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.active_filters import flat_choices
from clinics.templatetags.memory import draw

register = template.Library()

SELECTS = 512  # kept in a process

# The browser's own pickers want ISO values, whatever the reader's language.
PICKERS = [
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
]
CLASSES = [
    (forms.CheckboxInput, "checkbox"),
    (forms.FileInput, "file-input"),
    (forms.NumberInput, "input input--num"),
    (forms.MultiWidget, ""),
]


@register.simple_tag
def house_field(field):
    """The control of a bound field in the look of the house: its class, its picker, its right size."""
    widget = field.field.widget
    parts = getattr(widget, "widgets", [widget])
    for place, part in enumerate(parts):
        use_picker(part)
        if len(parts) > 1:
            part.attrs.setdefault("aria-label", part_label(field.label, place))
        classes = [control_class(part), part.attrs.get("class", "")]
        part.attrs["class"] = " ".join(dict.fromkeys(" ".join(classes).split()))
    return _drawn_select(field) if type(widget) is forms.Select else field.as_widget()


def _drawn_select(field):
    """A list to choose from as Django draws it, each option by a template of its own; equal ones from memory."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({}, widget)
    if field.auto_id:
        attrs.setdefault("id", widget.attrs.get("id", field.auto_id))
    context = widget.get_context(field.html_name, field.value(), attrs)
    return _drawn(widget.template_name, _frozen(context["widget"]), get_language())


@lru_cache(maxsize=SELECTS)
def _drawn(template_name, frozen, _language):
    return render_to_string(template_name, {"widget": _thawed(frozen)})


def _frozen(value):
    """A description of a control as a key of the memory: dicts become Pairs, lists tuples, lazy words words."""
    if isinstance(value, dict):
        return Pairs((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _thawed(value):
    if isinstance(value, Pairs):
        return {key: _thawed(each) for key, each in value}
    return tuple(map(_thawed, value)) if isinstance(value, tuple) else value


class Pairs(tuple):
    """The items of a dict."""

    __slots__ = ()


def use_picker(widget):
    """Dates and times are picked, not typed, unless the form asked for something else."""
    for kind, input_type, style in PICKERS:
        if isinstance(widget, kind) and widget.input_type == "text":
            widget.input_type, widget.format = input_type, style


def part_label(label, place):
    """What one control of several says of itself: the label belongs to all of them."""
    return _("%(label)s, from") % {"label": label} if place == 0 else _("%(label)s, to") % {"label": label}


def control_class(widget):
    if getattr(widget, "input_type", "") == "checkbox" and widget.attrs.get("role") == "switch":
        return "switch"
    return next((name for kind, name in CLASSES if isinstance(widget, kind)), "input")


@register.simple_tag
def choice_options(field):
    """Every radio or checkbox of a question as Django's own description of it, groups flattened."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id}, widget)
    context = widget.get_context(field.html_name, field.value(), attrs)
    return [option for _group, options, _index in context["widget"]["optgroups"] for option in options]


@register.simple_tag
def filter_choice(field):
    """The checkboxes of a filter that takes several values: they are the same on each page, so they are remembered."""
    chosen = [str(value) for value in field.value() or []]
    options = ((str(value), str(label)) for value, label in flat_choices(field.field))
    facts = {
        "name": field.html_name,
        "label": str(field.label),
        "options": tuple((value, label, value in chosen) for value, label in options),
        "chosen": len(chosen),
    }
    return draw("parts/_filter_choice.html", facts, get_language())


@register.filter
def house_classes(attributes):
    """crispy writes "btn" into its buttons; here they are called button."""
    return attributes.replace("btn-primary", "btn--primary").replace(" btn-inverse", "").replace("btn", "button")


@register.filter
def problem_count(form):
    """How many things are wrong with a form, each of those that belong to no field included."""
    return sum(len(words) for words in form.errors.values())
