from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.tables.encodings import MIXED
from clinics.tables.reading import EXCEL, Reading

ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-8-sig", _("UTF-8 with a mark (Excel)")),
    (MIXED, _("UTF-8 and Windows, mixed")),
    ("utf-16", "UTF-16"),
    ("utf-16-le", _("UTF-16 without a mark")),
    ("cp1252", _("Western European (Windows)")),
    ("latin-1", _("Western European (ISO)")),
    ("mac_roman", _("Western European (Mac)")),
    ("cp850", _("Western European (DOS)")),
    ("cp1250", _("Central European (Windows)")),
    ("iso8859_2", _("Central European (ISO)")),
    ("cp1251", _("Cyrillic (Windows)")),
    ("koi8_r", _("Cyrillic (KOI8)")),
    ("cp1253", _("Greek")),
    ("cp1254", _("Turkish")),
    ("cp1255", _("Hebrew")),
    ("cp1256", _("Arabic")),
    ("cp1257", _("Baltic")),
    ("cp932", _("Japanese (Shift-JIS)")),
    ("euc_jp", _("Japanese (EUC)")),
    ("gb18030", _("Chinese, simplified")),
    ("big5", _("Chinese, traditional")),
    ("cp949", _("Korean")),
    ("cp874", _("Thai")),
]
FOUND_OUT = ("", _("Found out from the file"))
SEPARATORS = [(",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Bar"))]


class ReadingForm(forms.Form):
    """How a file was read, to be corrected: sheet, letters, what separates its cells, where its headings are.

    What is left empty is found out.
    """

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    encoding = forms.ChoiceField(label=_("Letters"), required=False)
    separator = forms.ChoiceField(label=_("Cells are separated by"), required=False)
    header_line = forms.IntegerField(
        label=_("Row of the headings"),
        required=False,
        min_value=0,
        max_value=60,
        help_text=_("0 if there are none. Empty: found out."),
    )

    def __init__(self, data=None, *, lead_import):
        known = {name: getattr(lead_import, name) for name in ("sheet", "encoding", "separator")}
        super().__init__(data, initial=known | {"header_line": lead_import.header_line})
        self.fields["encoding"].choices = [FOUND_OUT, *ENCODINGS]
        self.fields["separator"].choices = [FOUND_OUT, *SEPARATORS]
        if lead_import.encoding not in dict([FOUND_OUT, *ENCODINGS]):
            self.fields["encoding"].choices += [(lead_import.encoding, lead_import.encoding.upper())]
        self.is_workbook, self.has_sheets = lead_import.encoding == EXCEL, len(lead_import.sheets) > 1
        self.fields["sheet"].choices = [(name, name) for name in lead_import.sheets]
        if not self.has_sheets:
            del self.fields["sheet"]
        if self.is_workbook:
            del self.fields["encoding"], self.fields["separator"]

    @property
    def reading(self):
        cleaned = self.cleaned_data
        names = ("encoding", "separator", "sheet")
        return Reading(header_line=cleaned["header_line"], **{name: cleaned.get(name, "") for name in names})
