"""python -m benchmarks quality KIND [FILE ...]: how good the product's reasoning is, on public files with answers."""

from importlib import import_module

KINDS = {
    "duplicates": "benchmarks.quality.duplicates",
    "email_replies": "benchmarks.quality.email_replies",
}


def measure_quality(kind, files):
    """Run the product's own code of one kind on the files and print its figures beside plain rules."""
    import_module(KINDS[kind]).measure(files)
