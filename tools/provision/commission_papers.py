"""What a commission leaves on paper: the map of what was walked, and the signed record."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from tools.provision.commission import (
    findings,
    floor_pdf,
    floors,
    progress,
    provisioned,
    record,
    record_pdf,
)
from tools.provision.commission.floors import Floor
from tools.provision.commission.provisioned import Provisioned
from tools.provision.commission_commands import Site, refusals, tell
from tools.provision.custody import signing
from tools.provision.opening import open_custody
from tools.provision.options import Access
from tools.provision.plan import Plan, read
from tools.provision.words import say


def draw(site: Site, floor_plans: Path, *, out: Path, language: str) -> None:
    """Write the map of what was walked so far."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        shown = _floors(plan, floor_plans)
        out.write_bytes(floor_pdf.pdf(plan.site, shown, visit.rooms, language, datetime.now(UTC)))
        typer.echo(say("floors.drawn", path=out))


def sign(  # noqa: PLR0913 - who signs what for whom
    site: Site,
    access: Access,
    installer: str,
    accepted_by: str,
    reservations: Sequence[str],
    *,
    records: Path,
    floor_plans: Path | None,
    out: Path,
    language: str,
) -> None:
    """Write the record as PDF and as JSON signed with the organisation's key."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        shown = _floors(plan, floor_plans)
        lacking = findings.lacks(plan, visit)
        if not record.reserved(lacking, reservations):
            tell(lacking)
            raise typer.Exit(1)
        head = site.gateway.journal().head
        content = open_custody(access).content()
        sign_off = record.SignOff(content.organisation, installer, accepted_by, tuple(reservations))
        made = record.make(
            plan,
            visit,
            sign_off,
            head,
            datetime.now(UTC),
            provisioned=_provisioned(plan, records),
            floors=shown,
        )
        paper = record_pdf.pdf(made, language)
        signed = signing.signed(content, record.document(made, paper))
        written = out.with_suffix(".pdf"), out.with_suffix(".json")
        written[0].write_bytes(paper)
        written[1].write_text(json.dumps(signed, ensure_ascii=False, indent=1), encoding="utf-8")
        typer.echo(say("commission.signed", pdf=written[0], json=written[1]))


def _floors(plan: Plan, path: Path | None) -> tuple[Floor, ...]:
    return () if path is None else floors.read(path, findings.rooms_of(plan))


def _provisioned(plan: Plan, records: Path) -> dict[str, Provisioned]:
    found = {device.id: provisioned.of(records, device.id) for device in findings.tested(plan)}
    return {device: each for device, each in found.items() if each is not None}
