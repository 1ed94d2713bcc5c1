import pytest

from inbox.segments import length_of


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "left"),
    [
        ("", "GSM-7", 0, 160),
        ("a" * 160, "GSM-7", 1, 0),
        ("a" * 161, "GSM-7", 2, 145),
        ("a" * 306, "GSM-7", 2, 0),
        ("a" * 307, "GSM-7", 3, 152),
        ("€" * 80, "GSM-7", 1, 0),
        ("€" * 81, "GSM-7", 2, 143),  # 76 of two fit into 153 letters, the 77th is not cut in two
        ("ñ" * 160, "GSM-7", 1, 0),
        ("á", "UCS-2", 1, 69),
        ("á" * 71, "UCS-2", 2, 63),
        ("😀" * 35, "UCS-2", 1, 0),
        ("😀" * 36, "UCS-2", 2, 61),  # 33 pairs fit into 67 letters
    ],
)
def test_the_length_of_a_text_message(text, encoding, segments, left):
    length = length_of(text)

    assert (length.encoding, length.segments, length.left) == (encoding, segments, left)
