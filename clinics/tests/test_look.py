"""The look's own rules: nothing inline, no colour outside the tokens, no icon or script that is not there."""

import re

import pytest
from django.conf import settings

from clinics.templatetags.ui import icon_names

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
CSS = sorted((settings.BASE_DIR / "static" / "css").rglob("*.css"))
JS = sorted((settings.BASE_DIR / "static" / "js").rglob("*.js"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts]
PAINTED = [path for path in CSS if path.name not in ("tokens.css", "portal-theme.css")]
IMPORT = re.compile(r"""(?:from|^import)\s+["']\./([\w.-]+)["']""", re.MULTILINE)


def named(path):
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_hold_no_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"""\sstyle=|\son\w+=["']|<style(?! nonce)|<script(?![^>]*(?:src=|nonce=))""", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_ask_for_icons_that_exist(path):
    asked = re.findall(r"""\{% icon ["']([\w-]+)["']""", path.read_text(encoding="utf-8"))
    assert set(asked) - set(icon_names()) == set()


@pytest.mark.parametrize("path", PAINTED, ids=named)
def test_colours_live_in_the_tokens(path):
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", path.read_text(encoding="utf-8")) == []


def test_every_component_is_imported_by_an_entry():
    entries = "".join((settings.BASE_DIR / "static" / "css" / name).read_text() for name in ("app.css", "portal.css"))
    components = [path.name for path in CSS if path.parent.name == "components"]
    assert [name for name in components if f"components/{name}" not in entries] == []


# Loaded by themselves: on pages for visitors, and by the clinic's own site.
ALONE = {"embed-form.js", "frame-height.js", "tablet.js"}


def test_every_script_is_loaded_and_every_import_exists():
    imported = {"app.js"} | ALONE
    for path in JS:
        for wanted in IMPORT.findall(path.read_text()):
            assert (path.parent / wanted).exists(), (path.name, wanted)
            imported.add((path.parent / wanted).name)
    assert {path.name for path in JS} == imported
