from django import forms
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from clinics.list_columns import SIZES


class LayoutForm(forms.Form):
    """The columns of the list: which are shown, in the order in which they are sent, and how many rows a page has.

    The buttons `up` and `down` only rearrange what is in the form; nothing is kept until it is sent without them.
    """

    shown = forms.MultipleChoiceField(required=False)
    size = forms.TypedChoiceField(
        label=_("Rows a page"), coerce=int, choices=[(size, size) for size in SIZES], widget=forms.RadioSelect
    )

    def __init__(self, data=None, *, catalogue, member, back):
        """`catalogue` is that of the list, `back` the name of its page."""
        self.catalogue, self.layout, self.list_url = catalogue, catalogue.layout_of(member), reverse(back)
        super().__init__(data, initial={"size": self.layout.size})
        self.fields["shown"].choices = [(column.key, column.label) for column in catalogue.columns]

    @property
    def only_rearranges(self):
        return "up" in self.data or "down" in self.data

    @property
    def order(self):
        """Every column but the name, as it stands in the form: those shown first at the beginning."""
        sent = self.data.getlist("order") if self.is_bound else self.layout.keys
        keys = [column.key for column in self.catalogue.columns_of([*sent, *self.catalogue.by_key])[1:]]
        for name, step in (("up", -1), ("down", 1)):
            if (key := self.data.get(name)) in keys:
                here = keys.index(key)
                keys.insert(max(0, here + step), keys.pop(here))
        return keys

    @property
    def rows(self):
        """(column, whether it is shown) in order, for the template."""
        shown = self.data.getlist("shown") if self.is_bound else self.layout.keys
        return [(self.catalogue.by_key[key], key in shown) for key in self.order]

    @property
    def arrangement(self):
        """What arrange_list takes."""
        shown = self.cleaned_data["shown"]
        return {"columns": [key for key in self.order if key in shown], "size": self.cleaned_data["size"]}

    @property
    def back(self):
        """The list that one came from, with its filters."""
        back = self.data.get("back", "")
        is_list = back.startswith(self.list_url) and url_has_allowed_host_and_scheme(back, None)
        return back if is_list else self.list_url
