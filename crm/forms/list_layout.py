from django import forms
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from crm.list_columns import BY_KEY, COLUMNS, NAME, SIZES


class LayoutForm(forms.Form):
    """The columns of the list: which are shown, in the order in which they are sent, and how many rows a page has.

    The buttons `up` and `down` only rearrange what is in the form; nothing is kept until it is sent without them.
    """

    shown = forms.MultipleChoiceField(required=False, choices=[(column.key, column.label) for column in COLUMNS])
    size = forms.TypedChoiceField(
        label=_("Rows a page"), coerce=int, choices=[(size, size) for size in SIZES], widget=forms.RadioSelect
    )

    def __init__(self, data=None, *, layout):
        super().__init__(data, initial={"size": layout.size})
        self.layout = layout

    @property
    def only_rearranges(self):
        return "up" in self.data or "down" in self.data

    @property
    def order(self):
        """Every column but the name, as it stands in the form: those shown first at the beginning."""
        sent = self.data.getlist("order") if self.is_bound else self.layout.keys
        keys = list(dict.fromkeys(key for key in [*sent, *BY_KEY] if key in BY_KEY and key != NAME.key))
        for name, step in (("up", -1), ("down", 1)):
            if (key := self.data.get(name)) in keys:
                here = keys.index(key)
                keys.insert(max(0, here + step), keys.pop(here))
        return keys

    @property
    def rows(self):
        """(column, whether it is shown) in order, for the template."""
        shown = self.data.getlist("shown") if self.is_bound else self.layout.keys
        return [(BY_KEY[key], key in shown) for key in self.order]

    @property
    def arrangement(self):
        """What arrange_list takes."""
        shown = self.cleaned_data["shown"]
        return {"columns": [key for key in self.order if key in shown], "size": self.cleaned_data["size"]}

    @property
    def back(self):
        """The list that one came from, with its filters."""
        back = self.data.get("back", "")
        is_list = back.startswith(reverse("crm:lead_list")) and url_has_allowed_host_and_scheme(back, None)
        return back if is_list else reverse("crm:lead_list")
