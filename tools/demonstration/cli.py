"""`tocsin demo`: on a screen for a person, or headless with its account as JSON."""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.demonstration.script import Script, reconcile, report
from tools.demonstration.site import Site
from tools.demonstration.words import language, say
from tools.micropython import MicroPythonMissing


def demo(*, headless: bool, json_path: Path | None, seed: int, lang: str | None) -> int:
    """Run the demo; return 0 where no alert was lost or raised twice."""
    language(lang)
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        try:
            site = Site(Path(folder), seed)
        except MicroPythonMissing as error:
            print(error, file=sys.stderr)
            return 1
        try:
            site.start()
            if not headless:
                from tools.demonstration.screen import Screen  # noqa: PLC0415  rich is for eyes

                return Screen(site).run()
            return _headless(site, seed, json_path)
        finally:
            site.stop()


def _headless(site: Site, seed: int, json_path: Path | None) -> int:
    begin_s = time.monotonic()
    script = Script(site, seed, lambda line: print(line, flush=True))
    script.play()
    reconcile(script.story, site)
    account = report(script.story, site)
    account["seconds"] = round(time.monotonic() - begin_s, 1)
    if json_path is not None:
        json_path.write_text(json.dumps(account, indent=2) + "\n")
    _print_account(account)
    return 0 if account["lost"] == account["duplicated"] == 0 else 1


def _print_account(account: dict[str, Any]) -> None:
    print()
    print(f"{say('stage'):20} {'p50 ms':>9} {'p95 ms':>9}")
    for stage, figures in account["percentiles_ms"].items():
        print(f"{stage:20} {figures['p50']:9.1f} {figures['p95']:9.1f}")
    first = account["presses"][0]
    print(say("apart", recognition=first["recognition_ms"], wake=first["wake_ms"]))
    print(say("totals", presses=len(account["presses"]), **_figures(account)))


def _figures(account: dict[str, Any]) -> dict[str, Any]:
    names = ("lost", "duplicated", "gateway_resident_mb", "micropython", "seconds")
    return {name: account[name] for name in names}
