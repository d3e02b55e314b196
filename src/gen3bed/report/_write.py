"""From a report directory to the report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from ._masking import mask_text_file, mask_xml_file
from ._record import PAGE_NAME
from ._results import RunResults, load_results
from ._summary import show_summary

__all__ = ["print_summary", "write_report"]


def write_report(directory: Path) -> Path:
    """Write ``report.html`` and ``junit.xml`` beside the record of a run.

    The JUnit files and logs of the cells, which CI keeps as well, are masked
    in place.  May be called again: nothing is read but what the runner and
    pytest wrote.

    Parameters
    ----------
    directory : `pathlib.Path`
        The report directory, with ``run.json``.

    Returns
    -------
    page : `pathlib.Path`
        The HTML page.

    Raises
    ------
    ReportError
        Raised if there is no readable record.
    ReportNotWrittenError
        Raised if a file cannot be written.
    """
    # A run that has not tested yet does not need their libraries.
    from ._html import write_html  # noqa: PLC0415
    from ._junit import write_junit  # noqa: PLC0415

    results = load_results(directory)
    _mask_evidence(results, directory)
    write_junit(results, directory)
    return write_html(results, directory)


def print_summary(directory: Path, console: Console) -> None:
    """Print the summary of the run in a report directory.

    Parameters
    ----------
    directory : `pathlib.Path`
        The report directory, with ``run.json``.
    console : `rich.console.Console`
        Where to print.

    Raises
    ------
    ReportError
        Raised if there is no readable record.
    """
    results = load_results(directory)
    show_summary(results, console, directory=directory if (directory / PAGE_NAME).exists() else None)


def _mask_evidence(results: RunResults, directory: Path) -> None:
    for cell in results.cells:
        if cell.record.junit:
            mask_xml_file(directory / cell.record.junit)
        if cell.record.log:
            mask_text_file(directory / cell.record.log)
