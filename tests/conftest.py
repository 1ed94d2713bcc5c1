"""The count of the isolation tests stands at the end of every run, whichever process made it."""


def pytest_terminal_summary(terminalreporter):
    lines = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "isolation" and report.when == "call"
    ]
    if lines:
        terminalreporter.section("the wall between clinics")
        for line in sorted(lines):
            terminalreporter.write_line(line)
