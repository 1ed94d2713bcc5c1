import re

from django.core.management import call_command
from django.test import override_settings


def test_collected_style_sheets_are_one_piece_each_under_a_hashed_name(tmp_path):
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "config.storage.HashedStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)

    [sheet] = [
        path for path in (tmp_path / "css").glob("app.*.css") if re.fullmatch(r"app\.[0-9a-f]{12}\.css", path.name)
    ]
    text = sheet.read_text()
    assert "@import" not in text
    assert "@layer components {" in text
    assert ".lead-card" in text
