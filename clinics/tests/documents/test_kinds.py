import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.documents.reading import MOST_BYTES, read_document
from clinics.documents.rules import FileRefused, TooLarge
from clinics.tests.documents import files


@pytest.mark.parametrize(("name", "content"), files.honest(), ids=lambda value: value if isinstance(value, str) else "")
def test_an_honest_file_is_read(name, content):
    kept_as, kind, kept = read_document(SimpleUploadedFile(name, content))

    assert (kept_as, bool(kept)) == (name, True)
    assert kind.content_type not in ("text/html", "image/svg+xml")


@pytest.mark.parametrize(
    ("name", "content"), files.hostile(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_hostile_file_is_refused(name, content):
    with pytest.raises(FileRefused):
        read_document(SimpleUploadedFile(name, content))


def test_the_corpus_of_hostile_files_is_as_large_as_promised():
    assert len(files.hostile()) >= 40


def test_a_file_that_is_too_large_is_refused_unread():
    upload = SimpleUploadedFile("plan.pdf", files.PDF)
    upload.size = MOST_BYTES + 1

    with pytest.raises(TooLarge):
        read_document(upload)
