"""What the columns of a file of figures are, by the words in their headings."""

import re
import unicodedata

from django.utils.translation import gettext as _

from crm.models import FigureImport

Kind = FigureImport.Kind
# The first that fits wins; a heading is compared without case, accents and marks.
WORDS = {
    Kind.SPEND: (
        ("currency", r"^currency|moneda|divisa"),
        ("month", r"month|mes\b|date|fecha|period|day|dia"),
        ("cents", r"spend|spent|amount|cost|gasto|importe|monto|costo|total"),
        ("campaign", r"campaign|campana|ad set|adset"),
        ("source", r"source|channel|origen|fuente|canal|platform|plataforma"),
        ("note", r"note|nota|comment|description|descripcion"),
    ),
    Kind.EVENTS: (
        (
            "external_id",
            r"(event|external|invoice|click|transaction|evento|factura).*(id|no|number|numero)|external|gclid",
        ),
        ("currency", r"^currency|moneda|divisa"),
        ("kind", r"kind|type|event|tipo|evento"),
        ("occurred_at", r"date|time|when|occurred|fecha|hora|cuando"),
        ("value", r"value|amount|total|paid|valor|importe|monto"),
        ("lead", r"lead|prospect|mail|correo|phone|telefono|contact|contacto"),
        ("campaign", r"campaign|campana"),
        ("source", r"source|channel|origen|fuente|canal"),
    ),
}
NEEDED = {Kind.SPEND: ("month", "source", "cents"), Kind.EVENTS: ("kind", "occurred_at")}


def plain(text):
    """Lower case, without accents, other marks as blanks."""
    folded = unicodedata.normalize("NFKD", str(text).casefold())
    return re.sub(r"[^a-z0-9#]+", " ", "".join(each for each in folded if not unicodedata.combining(each))).strip()


def columns_of(headers, kind):
    """{what: place} of the columns that are understood, each once."""
    places = {}
    for place, header in enumerate(headers):
        text = plain(header)
        target = next((name for name, words in WORDS[kind] if name not in places and re.search(words, text)), None)
        if target:
            places[target] = place
    return places


def what_is_missing(places, kind):
    """In words which columns the file lacks; "" if it has all that are needed."""
    names = {
        "month": _("month"),
        "source": _("source"),
        "cents": _("spend"),
        "kind": _("kind"),
        "occurred_at": _("date"),
    }
    missing = [names[name] for name in NEEDED[kind] if name not in places]
    return _("The file needs a column for: %(names)s.") % {"names": ", ".join(missing)} if missing else ""
