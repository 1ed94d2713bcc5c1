"""Measuring Recare beside a floor of the same run on the same machine: `python -m benchmarks`."""
