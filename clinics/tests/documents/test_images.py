from clinics.documents.images import clean_jpeg, clean_png
from clinics.tests.documents.files import EXIF_PLACE, HTML, chunk, exif, jpeg, png, segment


def test_a_photograph_loses_its_place_and_camera_but_not_which_side_is_up():
    cleaned = clean_jpeg(jpeg(meta=segment(0xE1, exif(side=6)) + segment(0xFE, b"Dr. Secret")))

    assert EXIF_PLACE not in cleaned and b"Secret" not in cleaned
    assert cleaned.count(b"Exif\0\0") == 1
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in cleaned


def test_a_cleaned_photograph_is_cleaned_to_itself():
    cleaned = clean_jpeg(jpeg(meta=segment(0xE1, exif())))

    assert clean_jpeg(cleaned) == cleaned


def test_what_stands_behind_a_photograph_is_left_out():
    assert clean_jpeg(jpeg(behind=HTML)) == clean_jpeg(jpeg())


def test_a_png_keeps_its_pixels_and_nothing_else():
    told = chunk(b"tEXt", b"Author\0Dr. Secret") + chunk(b"eXIf", EXIF_PLACE)

    assert clean_png(png(meta=told, behind=HTML)) == png()
