"""Bulk export: asked for, waited for, and its files read line by line without keeping them."""

import json
from dataclasses import dataclass, field

from patients.emr.addresses import check_url, same_origin
from patients.emr.asking import limited, pause_of, words_of
from patients.emr.errors import AddressRefused, EmrError, TooLarge, Unreadable

LONGEST_LINE = 5 * 1024 * 1024  # bytes
LARGEST_FILE = 4 * 1024 * 1024 * 1024  # bytes
LONGEST_FILE = 3600.0  # seconds
POLL = 10.0  # seconds between two questions where the server names none


@dataclass(frozen=True)
class Manifest:
    """What an export has made: files as {type, url}, the same for what went wrong, and the moment that it shows."""

    files: list
    errors: list = field(default_factory=list)
    moment: str = ""


@dataclass(frozen=True)
class NotYet:
    """The export is still being made: ask again after so many seconds; `progress` in the server's words."""

    after: float
    progress: str = ""


@dataclass(frozen=True)
class Torn:
    """A line of a file that is no resource."""

    number: int


def start_export(client, kinds, *, since=""):
    """Ask for everything of some types; returns the address under which the export is watched.

    Raises NotThere, NotSupported, Declined where the server cannot do this.
    """
    parameters = {"_type": ",".join(kinds), "_outputFormat": "application/fhir+ndjson"}
    parameters |= {"_since": since} if since else {}
    answer = client.ask(
        "GET", client.address("$export"), params=parameters, headers={"Prefer": "respond-async"}, is_repeatable=False
    )
    url = answer.headers.get("Content-Location", "")
    if not same_origin(check_url(url), client.server.base_url):
        raise AddressRefused
    return url


def poll_export(client, url):
    """The Manifest of an export, or NotYet."""
    answer = client.ask("GET", url, headers={"Accept": "application/json"})
    if answer.status == 202:
        named = answer.headers.get("Retry-After", "")
        return NotYet(pause_of(named) if named else POLL, answer.headers.get("X-Progress", "")[:100])
    body = answer.body
    if not isinstance(body, dict) or not isinstance(body.get("output"), list):
        raise Unreadable
    files, errors = _files(body.get("output")), _files(body.get("error"))
    return Manifest(files, errors, moment=str(body.get("transactionTime") or ""))


def end_export(client, url):
    """Tell the server that its files are no longer needed; it does not matter whether it listens."""
    try:
        client.ask("DELETE", url)
    except EmrError:
        return False
    return True


def lines_of(client, url, *, skip=0):
    """The resources of a file, one a line, each with its number; a line that is none comes as Torn.

    Raises Unreadable where the file breaks off in the middle of its last line: what came before it stands.
    """
    for number, line, is_whole in _numbered(client, url):
        if number <= skip:
            continue
        try:
            resource = json.loads(line)
        except (ValueError, RecursionError):
            if not is_whole:
                raise Unreadable from None
            resource = None
        yield number, resource if isinstance(resource, dict) else Torn(number)


def warnings_of(client, files):
    """What the error files of an export say, in words; at most a hundred."""
    said = []
    for each in files:
        for _number, resource in lines_of(client, each["url"]):
            said.append(words_of(resource) if isinstance(resource, dict) else "")
            if len(said) == 100:
                return [words for words in said if words]
    return [words for words in said if words]


def _files(listed):
    rows = [row for row in listed or [] if isinstance(row, dict) and isinstance(row.get("url"), str)]
    return [{"type": str(row.get("type") or ""), "url": row["url"]} for row in rows]


def _numbered(client, url):
    """(number from 1, bytes, whether a line end follows) of each line that is not empty."""
    number, rest = 0, b""
    with client.stream(url) as response:
        for piece in limited(response.iter_bytes(), most=LARGEST_FILE, whole=LONGEST_FILE):
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise TooLarge
            for line in whole:
                number += 1
                if line.strip():
                    yield number, line, True
        if rest.strip():
            yield number + 1, rest, False
