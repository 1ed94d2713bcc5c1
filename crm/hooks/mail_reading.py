"""Reading the mails that forms, portals and directories send about a new lead: label and answer, in many layouts.

Understood are lines of "Label: answer", a label with its answer on the next line, tables and definition lists of HTML,
and the address to reply to. What is said below a signature or a quoted mail does not count.
"""

import re
from email.utils import parseaddr
from html.parser import HTMLParser

from crm.hooks.answers import is_understood, read_answers

LONGEST_LABEL = 60
LINE = re.compile(r"^\s*(?:[-*•>]\s*)?\**([^\W\d_][^:\n]{0,58}?)\**\s*[:：]\s*\**\s*(.*?)\**\s*$")
BARE_LABEL = re.compile(r"^\s*\**([^\W\d_][^:\n]{0,58}?)\**\s*[:：]?\s*$")
END = re.compile(
    r"^\s*(?:--\s*$|_{5,}|-{5,}\s*(?:original|forwarded|mensaje)|sent from my |on .{5,80} wrote:|el .{5,80} escribió:"
    r"|unsubscribe|this (?:e-?mail|message) was sent|powered by )",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"\+?\(?\d[\d\s().\-/]{7,18}\d")
# Who sends on behalf of a form is not who asks.
MACHINES = re.compile(
    r"^(?:no-?reply|do-?not-?reply|wordpress|notifications?|notify|mailer|forms?|leads?|info|admin|support|postmaster"
    r"|mailer-daemon|bounces?)\b",
    re.IGNORECASE,
)
BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "dt", "dd", "section"}
LONG_ANSWERS = {"notes"}


class _Text(HTMLParser):
    """HTML as lines, a row of a table as "label: answer", as a reader would see it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.cells, self.skipped, self.term = [""], None, 0, ""

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style", "head", "title"):
            self.skipped += 1
        elif tag == "tr":
            self.cells = []
        elif tag in ("td", "th"):
            self.cells = (self.cells or []) + [""]
        elif tag in BLOCKS and not self.cells:
            self.lines.append("")
        elif tag == "br" and self.cells:
            self.cells[-1] += " "

    def handle_endtag(self, tag):
        if tag in ("script", "style", "head", "title"):
            self.skipped = max(0, self.skipped - 1)
        elif tag == "tr" and self.cells is not None:
            self._end_row()
        elif tag == "dt":
            self.term = self.lines.pop().strip()
            self.lines.append("")
        elif tag == "dd":
            self.lines[-1] = f"{self.term.rstrip(': ')}: {self.lines[-1].strip()}"
            self.lines.append("")
        elif tag in BLOCKS and not self.cells:
            self.lines.append("")

    def _end_row(self):
        cells = [" ".join(cell.split()) for cell in self.cells]
        filled = [cell for cell in cells if cell]
        self.cells = None
        if len(filled) == 2:
            self.lines += [f"{filled[0].rstrip(': ')}: {filled[1]}", ""]
        else:
            self.lines += [*filled, ""]

    def handle_data(self, data):
        if self.skipped:
            return
        if self.cells:
            self.cells[-1] += data
        else:
            self.lines[-1] += " ".join(data.split("\n"))


def text_of_html(html):
    """The words of a mail in HTML, one line for what stands on one line. Never raises, whatever the HTML is like."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.replace("\xa0", " ").split()) for line in reader.lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_mail(mail):
    """What a kept mail says of who asks, as Answers; `mail` has from, reply_to, subject, text and html.

    Both the text and the HTML are read, and the one that tells more counts.
    """
    texts = [mail.get("text", ""), text_of_html(mail.get("html", ""))]
    readings = [_read_text(text, mail) for text in texts if text.strip()] or [_read_text("", mail)]
    return max(readings, key=lambda answers: (answers.has_address, len(answers.values)))


def _read_text(text, mail):
    pairs = list(_pairs_in(_upper_part(text)))
    answers = read_answers(pairs)
    name, address = _who_answers(mail)
    if address and not answers.values.get("email"):
        answers.values["email"] = address
    if not answers.values.get("email") and not answers.values.get("phone"):
        answers.values |= _loose_addresses(text, mail)
    if name and not answers.values.get("first_name"):
        answers.values |= {field: part for field, part in read_answers([("name", name)]).values.items() if part}
    answers.own = [(label, words) for label, words in answers.own if not _is_about_the_mail(label)]
    return answers


def _upper_part(text):
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if END.match(line) and lines:
            break
        lines.append(line)
    return lines


def _pairs_in(lines):
    """Labels and answers; an answer that goes on over more lines is a message, and ends at the next known label."""
    label, words = "", []
    for line in lines:
        found = LINE.match(line)
        bare = BARE_LABEL.match(line)
        if found and (not label or is_understood(found[1]) or not _is_long(label)):
            if label and words:
                yield label, "\n".join(words).strip()
            label, words = found[1].strip(), [found[2]] if found[2] else []
        elif bare and is_understood(bare[1]) and not (label and not words):
            if label and words:
                yield label, "\n".join(words).strip()
            label, words = bare[1].strip(), []
        elif label and line.strip() and (not words or _is_long(label)):
            words.append(line.strip())
        elif not line.strip() and words and not _is_long(label):
            yield label, "\n".join(words).strip()
            label, words = "", []
    if label and words:
        yield label, "\n".join(words).strip()


def _is_long(label):
    return any(field in LONG_ANSWERS for field in read_answers([(label, "x")]).values)


def _who_answers(mail):
    """Name and address that an answer would go to, unless a machine sits there."""
    for header in (mail.get("reply_to", ""), mail.get("from", "")):
        name, address = parseaddr(header)
        if address and not MACHINES.match(address):
            return name, address
        if mail.get("reply_to"):
            break
    return "", ""


def _loose_addresses(text, mail):
    """A phone number or an address that stands somewhere in the text, without a label, if there is only one."""
    sender = parseaddr(mail.get("from", ""))[1].casefold()
    emails = {found for found in EMAIL.findall(text) if not MACHINES.match(found) and found.casefold() != sender}
    phones = {found.strip() for found in PHONE.findall(text)}
    loose = {}
    if len(phones) == 1:
        loose["phone"] = phones.pop()
    if len(emails) == 1:
        loose["email"] = emails.pop()
    return loose


def _is_about_the_mail(label):
    return label.casefold() in {"from", "to", "subject", "date", "sent", "cc", "http", "https", "de", "para", "asunto"}
