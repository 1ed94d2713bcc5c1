from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Static files under hashed names, the `import` lines of JavaScript modules included."""

    support_js_module_import_aggregation = True
    # not the pattern of `import("…")`: packages write that in type comments, where it names no file
    _js_module_import_aggregation_patterns = (
        "*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1][:3],
    )
