"""The command that ``nox -s standin`` runs."""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ci import environments
from ci.suites._errors import SuitesError
from ci.suites._expected import compare, read_expected
from ci.suites._report import Measured, reason_counts, summary_table, write_junit, write_summary
from ci.suites._run import Suite, belongs, run_suite
from ci.suites._source import unpack
from ci.suites._standin import serve

__all__ = ["main"]

_WIDTH = 120
_LISTS = Path(__file__).parent / "expected"
_EXAMPLES = """
examples:
  nox -s standin                                   profile 19 on H2, all suites
  nox -s standin -- --profile 23 --suite oracle    one of them
  nox -s standin -- --all                          all engines and profiles
  nox -s standin -- --suite rest -k "lateral"      some tests; goals are not judged
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites; return 0 if all is as the list says, 1 if not, 3 if they could not be run."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    # Tables would be cut where there is no terminal to ask for its width.
    console = Console(soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    try:
        with environments.hold(options.folder / "standin.lock"):
            source = unpack(options.lock, options.folder)
            cells = itertools.product(options.engines, options.profiles, options.suites)
            runs = [_measure(options, source, cell, console) for cell in cells]
    except SuitesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("Interrupted; the stand-in has ended.", file=sys.stderr)
        return 130
    write_junit(runs, options.folder / "junit.xml")
    write_summary(runs, options.folder / "summary.json")
    _show(runs, console)
    console.print(f"JUnit, summary and logs: {options.folder}", highlight=False)
    return int(any(run.complaints for run in runs))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s standin --",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    policy = parser.add_argument_group("policy, from the tables of the noxfile")
    policy.add_argument("--known-engines", nargs="+", required=True, help=argparse.SUPPRESS)
    policy.add_argument("--known-profiles", nargs="+", required=True, help=argparse.SUPPRESS)
    policy.add_argument("--known-suite", nargs=3, action="append", required=True, help=argparse.SUPPRESS)
    policy.add_argument("--lock", type=Path, required=True, help=argparse.SUPPRESS)
    policy.add_argument("--folder", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--engine", action="append", dest="engines", help="run on this engine (default: h2)")
    parser.add_argument("--profile", action="append", dest="profiles", help="run this version (default: 19)")
    parser.add_argument("--suite", action="append", dest="suites", help="run this suite (default: all)")
    parser.add_argument("--all", action="store_true", help="all engines and profiles")
    parser.add_argument("-k", dest="select", default="", help="only tests whose names match, as for pytest")
    options = parser.parse_args(arguments)
    known = {
        name: Suite(name=name, floor=int(floor), arguments=tuple(words.split()))
        for name, floor, words in options.known_suite
    }
    engines, profiles = options.known_engines, options.known_profiles
    options.engines = _chosen(parser, options.engines, engines, engines if options.all else engines[:1])
    options.profiles = _chosen(parser, options.profiles, profiles, profiles if options.all else profiles[:1])
    names = _chosen(parser, options.suites, list(known), list(known))
    options.suites = [known[name] for name in names]
    return options


def _chosen(
    parser: argparse.ArgumentParser, given: list[str] | None, known: list[str], default: list[str]
) -> list[str]:
    for name in given or []:
        if name not in known:
            parser.error(f"{name}: this is not one of {', '.join(known)}")
    return given or default


def _measure(
    options: argparse.Namespace, source: Path, cell: tuple[str, str, Suite], console: Console
) -> Measured:
    engine, profile, suite = cell
    if profile != options.known_profiles[0]:
        # The goal of the other versions is within 1 % of the first one's.
        suite = replace(suite, floor=suite.floor * 99 // 100)
    listed = read_expected(_LISTS / f"{engine}.toml", profile)
    expected = {test: reason for test, reason in listed.items() if belongs(test, suite)}
    folder = options.folder / f"{engine}-{profile}-{suite.name}"
    folder.mkdir(parents=True, exist_ok=True)
    extra = ["-k", options.select] if options.select else []
    with serve(engine, profile, folder) as standin, _progress(folder.name, console) as progress:
        results = run_suite(suite, source, standin.url, folder / "pytest.log", extra=extra, progress=progress)
        standin.check()
    outcomes = {test: result.outcome for test, result in results.items()}
    verdict = compare(outcomes, expected, whole=not options.select)
    complaints = verdict.complaints(0 if options.select else suite.floor)
    return Measured(
        engine=engine,
        profile=profile,
        suite=suite,
        results=results,
        expected=expected,
        verdict=verdict,
        complaints=complaints,
    )


@contextmanager
def _progress(title: str, console: Console) -> Iterator[Callable[[int], None]]:
    """Show a bar in a terminal; elsewhere a line per tenth."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    task = bar.add_task(title, total=None)
    total = done = 0

    def advance(collected: int) -> None:
        nonlocal total, done
        if collected:
            total = collected
            bar.update(task, total=total)
            return
        done += 1
        bar.advance(task)
        if not console.is_terminal and total and done * 10 // total != (done - 1) * 10 // total:
            console.print(f"{title}: {done} of {total}", highlight=False)

    with bar:
        yield advance


def _show(runs: Sequence[Measured], console: Console) -> None:
    for run in runs:
        for complaint in run.complaints:
            console.print(f"{run.title}: {complaint}", highlight=False, markup=False)
        for reason, count in reason_counts(run):
            console.print(f"{run.title}: {count} expected: {reason}", highlight=False, markup=False)
    console.print(summary_table(runs), soft_wrap=False)


if __name__ == "__main__":
    sys.exit(main())
