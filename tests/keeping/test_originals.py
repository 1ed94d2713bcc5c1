from datetime import timedelta

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from patients.models import EmrFile, PaymentImport
from patients.originals import KEPT_FOR, remove_originals


def kept(name):
    return default_storage.save(f"originals/{name}", SimpleUploadedFile(name, b"Iris"))


def test_originals_go_a_month_after_the_last_thing_that_happened(clinic, owner, django_capture_on_commit_callbacks):
    old, now = timezone.now() - KEPT_FOR - timedelta(days=1), timezone.now()
    facts = {"headers": ["patient"], "samples": [["Iris"]], "size_bytes": 1, "status": "DONE"}
    gone, fresh = (PaymentImport.objects.create(stored_as=kept(name), **facts) for name in ("gone", "fresh"))
    done, waiting = (
        EmrFile.objects.create(
            name=name, size_bytes=1, digest=name, status=status, finished_at=old, uploaded_by=owner,
            parts=[{"name": name, "stored_as": kept(name), "samples": [["Iris"]], "size": 1}],
        )
        for name, status in (("done", "DONE"), ("waiting", "CHECKED"))
    )  # fmt: skip
    PaymentImport.objects.filter(pk=gone.pk).update(updated_at=old)
    EmrFile.objects.update(updated_at=old)

    with django_capture_on_commit_callbacks(execute=True):
        count = remove_originals(now=now)

    assert (count, remove_originals(now=now)) == (3, 0)
    gone.refresh_from_db()
    done.refresh_from_db()
    assert (gone.stored_as, gone.samples, gone.may_be_run) == ("", [[]], False)
    assert (done.parts[0]["stored_as"], done.parts[0]["samples"]) == ("", [])
    assert default_storage.exists(PaymentImport.objects.get(pk=fresh.pk).stored_as)
    assert not EmrFile.objects.filter(pk=waiting.pk).exists()
    assert not default_storage.exists("originals/gone") and not default_storage.exists("originals/waiting")
