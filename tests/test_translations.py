"""The house speaks Spanish whole: no string is missing, half done or broken."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOG = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+[^>]*>")


def catalog():
    with CATALOG.open("rb") as file:
        return read_po(file)


def messages():
    return [message for message in catalog() if message.id]


def forms_of(text):
    return [text] if isinstance(text, str) else list(text)


def test_catalog_is_whole():
    unfinished = [m.id for m in messages() if m.fuzzy or not all(forms_of(m.string))]

    assert unfinished == []
    assert list(catalog().obsolete) == []


def test_catalog_keeps_every_placeholder_and_tag():
    broken = []
    for message in messages():
        wanted = sorted(PLACEHOLDER.findall(forms_of(message.id)[-1]))
        *ones, many = forms_of(message.string)
        found = sorted(PLACEHOLDER.findall(many))
        if found != wanted or any(set(PLACEHOLDER.findall(one)) - set(wanted) for one in ones):
            broken.append(message.id)

    assert broken == []


def test_catalog_ends_sentences_as_the_source_does():
    """A full stop that comes or goes shows in a row of labels."""
    differing = [m.id for m in messages() if isinstance(m.id, str) and m.id.endswith(".") != m.string.endswith(".")]

    assert differing == []


def test_catalog_uses_the_words_of_the_glossary():
    words = {
        "lead": "prospecto",
        "leads": "prospectos",
        "stage": "etapa",
        "coordinator": "responsable",
        "tag": "etiqueta",
    }
    said = {forms_of(m.id)[0]: forms_of(m.string)[0] for m in messages()}

    assert {word: said[word] for word in words} == words
    assert [text for text in said.values() if re.search(r"\b(tú|tus?|vosotros|usuario final)\b", str(text), re.I)] == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs xgettext, of Debian's gettext")
def test_catalog_knows_every_string_of_the_source(tmp_path):
    for name in ("clinics", "config", "crm", "inbox", "patients", "templates"):
        ignored = shutil.ignore_patterns("tests", "__pycache__", "*.mo")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-obsolete"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})

    with (tmp_path / "locale" / "es" / "LC_MESSAGES" / "django.po").open("rb") as file:
        in_source = {(m.context, str(m.id)) for m in read_po(file) if m.id}
    in_catalog = {(m.context, str(m.id)) for m in messages()}

    assert sorted(in_source - in_catalog, key=str) == []
    assert sorted(in_catalog - in_source, key=str) == []
