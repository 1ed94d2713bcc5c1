"""Static files as production serves them: hashed names, compressed, each style sheet in one piece."""

import re
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import url\("(?P<name>[^"]+)"\) layer\((?P<layer>[^)]+)\);')


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Static files under hashed names, the `import` lines of JavaScript modules included.

    A sheet that is nothing but imports is written as one file, so that a page waits for one request and not for sixty.
    """

    support_js_module_import_aggregation = True
    sheets = ("css/app.css", "css/portal.css")
    # not the pattern of `import("…")`: packages write that in type comments, where it names no file
    _js_module_import_aggregation_patterns = (
        "*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1][:3],
    )

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run:
            for name in self.sheets:
                if name in paths:
                    self._put_in_one_piece(name)
                    paths[name] = (self, name)  # hash what was written here, not the source
        yield from super().post_process(paths, dry_run, **options)

    def _put_in_one_piece(self, name):
        sheet = IMPORT.sub(lambda found: self._layer(name, found), self._text(name))
        self.delete(name)
        self._save(name, ContentFile(sheet.encode()))

    def _layer(self, name, found):
        part = PurePosixPath(name).parent / found["name"]
        return f"@layer {found['layer']} {{\n{self._text(str(part))}}}\n"

    def _text(self, name):
        with self.open(name) as file:
            return file.read().decode()
