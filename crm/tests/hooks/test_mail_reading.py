"""Mails about a new lead in the layouts that forms, directories and portals use."""

import pytest

from crm.hooks.mail_reading import read_mail, text_of_html

ANA = {"first_name": "Ana", "last_name": "Lopez", "phone": "312-555-0147", "email": "ana@example.com"}
PLAIN = """New contact form submission from your website

Name: Ana Lopez
Phone: 312-555-0147
Email: ana@example.com
Message: Do you have appointments on Saturday?
I could also come on Friday: after four.

--
Sent from your website on November 25, 2026 at 4:12 pm
Phone: 800-555-0100
"""
NEXT_LINE = """You have a new lead!

Full name
Ana Lopez

Phone number
312-555-0147

Email
ana@example.com
"""
STARS = """*Name:* Ana Lopez
* **Phone:** 312-555-0147
- Email: ana@example.com
"""
SPANISH = """Nueva solicitud de cita
Nombre: Ana Lopez
Teléfono: 312-555-0147
Correo electrónico: ana@example.com
Mensaje: ¿Atienden los sábados?
"""
TABLE = """<html><head><style>td{color:red}</style><title>Lead</title></head><body>
<h2>New inquiry</h2><table><tr><td><b>Name</b></td><td>Ana&nbsp;Lopez</td></tr>
<tr><td>Phone:</td><td><a href="tel:3125550147">312-555-0147</a></td></tr>
<tr><td>Email</td><td>ana@example.com</td></tr>
<tr><td>Message</td><td>Saturday?<br>Or Friday</td></tr></table></body></html>"""
STACKED_TABLE = """<table><tr bgcolor="#EAF2FA"><td colspan="2"><strong>Name</strong></td></tr>
<tr><td width="20">&nbsp;</td><td>Ana Lopez</td></tr><tr><td colspan="2"><strong>Phone</strong></td></tr>
<tr><td>&nbsp;</td><td>312-555-0147</td></tr>
<tr><td colspan="2"><strong>Email</strong></td></tr>
<tr><td>&nbsp;</td><td><a href="mailto:ana@example.com">ana@example.com</a></td></tr></table>"""
DEFINITIONS = """<dl><dt>Name</dt><dd>Ana Lopez</dd><dt>Phone</dt><dd>312-555-0147</dd>
<dt>Email</dt><dd>ana@example.com</dd></dl>"""
PARAGRAPHS = """<p><strong>Name:</strong> Ana Lopez<br>
<strong>Phone:</strong> 312-555-0147<br/><b>Email:</b> ana@example.com</p>"""


@pytest.mark.parametrize(
    "mail",
    [
        {"text": PLAIN},
        {"text": PLAIN.replace("\n", "\r\n")},
        {"text": NEXT_LINE},
        {"text": STARS},
        {"text": SPANISH},
        {"html": TABLE},
        {"html": STACKED_TABLE},
        {"html": DEFINITIONS},
        {"html": PARAGRAPHS},
        {"text": "See the HTML part.", "html": TABLE},
    ],
    ids=["lines", "crlf", "next line", "stars", "spanish", "table", "stacked", "definitions", "paragraphs", "both"],
)
def test_who_asks_is_read_out_of_it(mail, clinic):
    values = read_mail(mail).values

    assert {name: values.get(name) for name in ANA} == ANA


def test_a_message_of_several_lines_stays_whole_and_ends_at_the_signature(clinic):
    assert read_mail({"text": PLAIN}).values["notes"] == (
        "Do you have appointments on Saturday?\nI could also come on Friday: after four."
    )


def test_the_address_to_reply_to_counts_when_none_is_named(clinic):
    mail = {
        "text": "Phone: 312-555-0147",
        "from": "Site <wordpress@site.example>",
        "reply_to": "Ana Lopez <ana@example.com>",
    }

    values = read_mail(mail).values

    assert (values["email"], values["first_name"], values["last_name"]) == ("ana@example.com", "Ana", "Lopez")


def test_a_machine_that_sends_for_others_is_not_who_asks(clinic):
    mail = {"text": "Hello, nothing here.", "from": "No Reply <no-reply@site.example>"}

    assert not read_mail(mail).has_address


def test_somebody_who_simply_writes_is_understood_by_their_address(clinic):
    mail = {"text": "Hi, how much are braces?\nAna", "from": "Ana Lopez <ana@example.com>"}

    assert read_mail(mail).values["email"] == "ana@example.com"


def test_one_loose_number_is_taken_and_of_two_none(clinic):
    one = read_mail({"text": "Please call Ana at (312) 555-0147 today"})
    two = read_mail({"text": "Call 312-555-0147 or 312-555-0148"})

    assert (one.values.get("phone"), two.values.get("phone")) == ("(312) 555-0147", None)


@pytest.mark.parametrize(
    "html", ["<", "<table><tr><td>", "<td>a</td></tr></table>", "</dd></dl>", "<dl><dt>x", "<!--", "&#xZZ;"]
)
def test_broken_html_never_breaks_the_reader(html):
    assert isinstance(text_of_html(html), str)


def test_a_very_long_mail_is_read_in_a_moment(clinic):
    long = "Name: Ana Lopez\nPhone: 312-555-0147\n" + "word " * 40_000 + "\n" * 2000 + "* " * 20_000

    assert read_mail({"text": long}).values["first_name"] == "Ana"
