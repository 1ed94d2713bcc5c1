from django.template import Context, Template
from django.utils import translation

from clinics.shell import Place
from clinics.templatetags.memory import drawn

PART = "parts/_shortcuts.html"


def test_a_part_is_drawn_from_its_facts_and_nothing_else_of_the_page():
    template = Template('{% drawn "parts/_bottom_link.html" item=place %}')
    place = Place("/here/", "Here & there", "board", "", None, is_current=False)

    html = template.render(Context({"place": place, "item": "another"}))

    assert 'href="/here/"' in html
    assert "Here &amp; there" in html


def test_a_part_is_drawn_once_for_each_language():
    english = drawn(PART)
    with translation.override("es"):
        spanish = drawn(PART)

    assert drawn(PART) is english
    assert spanish != english
