"""How many segments a text message is charged as. Source: 3GPP TS 23.038, 6.2.1 (GSM 7-bit alphabet) and TS 23.040."""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # each behind an escape: two of the seven-bit letters
ALONE = {"GSM-7": 160, "UCS-2": 70}
IN_A_ROW = {"GSM-7": 153, "UCS-2": 67}  # each carries a header that joins it to the others


@dataclass(frozen=True)
class Length:
    """`encoding` is GSM-7 or UCS-2; `left` is how many more letters fit before one more segment is charged."""

    encoding: str
    letters: int
    segments: int
    left: int


def length_of(text):
    """How long a text message is. A letter is never cut in two by the end of a segment."""
    if set(text) <= BASIC | EXTENDED:
        encoding, sizes = "GSM-7", [2 if letter in EXTENDED else 1 for letter in text]
    else:
        encoding, sizes = "UCS-2", [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    letters = sum(sizes)
    if letters <= ALONE[encoding]:
        return Length(encoding, letters, 1 if letters else 0, ALONE[encoding] - letters)
    room, segments = 0, 0
    for size in sizes:
        if size > room:
            room, segments = IN_A_ROW[encoding], segments + 1
        room -= size
    return Length(encoding, letters, segments, room)
