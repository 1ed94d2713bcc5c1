"""What may come with a message beside documents: pictures, sounds and films, told by their first bytes."""

from clinics.documents.kinds import KINDS, Kind
from clinics.documents.rules import KindRefused, NotWhatItSays


def _starting(*starts, at=0):
    def check(content):
        if not any(content[at:].startswith(start) for start in starts):
            raise NotWhatItSays
        return content

    return check


def _riff(form):
    def check(content):
        if not content.startswith(b"RIFF") or content[8:12] != form:
            raise NotWhatItSays
        return content

    return check


MEDIA = {
    ".gif": Kind("image/gif", _starting(b"GIF87a", b"GIF89a")),
    ".webp": Kind("image/webp", _riff(b"WEBP")),
    ".heic": Kind("image/heic", _starting(b"ftyp", at=4)),
    ".mp3": Kind("audio/mpeg", _starting(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3")),
    ".wav": Kind("audio/wav", _riff(b"WAVE")),
    ".ogg": Kind("audio/ogg", _starting(b"OggS")),
    ".amr": Kind("audio/amr", _starting(b"#!AMR")),
    ".m4a": Kind("audio/mp4", _starting(b"ftyp", at=4)),
    ".mp4": Kind("video/mp4", _starting(b"ftyp", at=4)),
    ".3gp": Kind("video/3gpp", _starting(b"ftyp", at=4)),
}
ENDINGS = {kind.content_type: ending for ending, kind in (KINDS | MEDIA).items() if ending != ".jpeg"} | {
    "audio/x-wav": ".wav",
    "audio/opus": ".ogg",
    "image/jpg": ".jpg",
}


def kind_of_media(name, content_type):
    """(name with the right ending, Kind) of a file that came with a message; its name counts where it says something.

    Raises KindRefused for what is not kept.
    """
    known = KINDS | MEDIA
    stem, dot, ending = name.rpartition(".")
    ending = f".{ending.lower()}" if dot else ""
    if ending in known:
        return name, known[ending]
    by_type = ENDINGS.get(content_type.partition(";")[0].strip().lower())
    if by_type is None:
        raise KindRefused
    return f"{stem or name}{by_type}", known[by_type]
