"""Which language the headings of a file are written in, by words that only one of them uses, or by their script."""

import unicodedata
from operator import itemgetter

from django.utils.translation import gettext_lazy as _

from crm.importing.mapping import plain

# Words of headings, plain; none stands in two of the languages.
TELLING = (
    (
        _("headings in English"),
        """first last phone email mobile street zip source stage owner created birth date address notes value
        tags lead leads city state country gender referred name full home work""",
    ),
    (
        _("headings in Spanish"),
        """nombre apellido apellidos correo movil celular telefono direccion fecha nacimiento calle ciudad origen
        fuente etapa estado presupuesto valor notas observaciones alta paciente""",
    ),
    (
        _("headings in French"),
        """prenom nom courriel portable adresse rue ville naissance montant remarques etape cree""",
    ),
    (
        _("headings in German"),
        """vorname nachname telefon telefonnummer handy mobil strasse plz ort stadt geburtsdatum betrag wert
        bemerkung quelle herkunft erstellt angelegt anrede""",
    ),
    (
        _("headings in Italian"),
        """nome cognome cellulare indirizzo citta nascita importo fonte provenienza creazione""",
    ),
    (
        _("headings in Portuguese"),
        """sobrenome telemovel telefone endereco cidade nascimento origem criado observacoes""",
    ),
)
SCRIPTS = {
    "HIRAGANA": _("headings in Japanese"),
    "KATAKANA": _("headings in Japanese"),
    "HANGUL": _("headings in Korean"),
    "CYRILLIC": _("headings in Russian"),
    "ARABIC": _("headings in Arabic"),
    "CJK": _("headings in Chinese or Japanese"),
}


def language_of(headers):
    """In words, the language of some headings; "" where they do not tell."""
    letters = [letter for header in headers for letter in header if letter.isalpha()]
    scripts = [unicodedata.name(letter, "").split(" ")[0] for letter in letters]
    for script, language in SCRIPTS.items():
        if 3 * scripts.count(script) > len(scripts):
            return language
    words = {word for header in headers for word in plain(header).split()}
    hits, language = max(((len(words & set(listed.split())), name) for name, listed in TELLING), key=itemgetter(0))
    return language if hits else ""
