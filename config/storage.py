from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Static files under hashed names, the `import` lines of JavaScript modules included."""

    support_js_module_import_aggregation = True
