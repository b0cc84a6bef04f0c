"""What the commands of `tocsin keys` do."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from tools.provision.custody import audit as auditing
from tools.provision.custody import changes, enrolments, sealed_file, search, signing
from tools.provision.custody.content import GATEWAY, READER, Content
from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.reader import Reader
from tools.provision.custody.store import Custody
from tools.provision.opening import new_passphrase, no_core_dump, open_custody, open_reader
from tools.provision.options import Access
from tools.provision.words import say


def make_reader(access: Access) -> None:
    """Make an identity; print its public half."""
    with refusals():
        _made_reader(access)


def make_store(access: Access, organisation: str, name: str) -> None:
    """Make the store, with an identity where there is none yet."""
    with refusals():
        me = open_reader(access) if access.identity.exists() else _made_reader(access)
        Custody.make(access.store, me, name, organisation)
        typer.echo(say("keys.made", path=access.store, organisation=organisation, name=name))
        typer.echo(say("keys.second_reader"))


def allow(access: Access, kind: str, name: str, recipient: str) -> None:
    """Let a reader or a gateway in."""
    with refusals():
        changes.allow(open_custody(access), kind, name, recipient)
        typer.echo(say("keys.done", what=say(f"keys.{kind}"), subject=name))


def enrol(access: Access, gateway: str, devices: Sequence[str] | None, folder: Path) -> None:
    """Write the enrolment files of a gateway."""
    with refusals():
        written = enrolments.write(open_custody(access), gateway, folder, devices)
        typer.echo(say("keys.enrolled", count=len(written), gateway=gateway, folder=folder))


def rotate_devices(access: Access, names: set[str] | None) -> None:
    """Let devices be due for a new key, None: all."""
    with refusals():
        _tell_due(changes.rotate_devices(open_custody(access), names))


def rotate_signing(access: Access) -> None:
    """Sign with another key from now on."""
    with refusals():
        custody = open_custody(access)
        changes.rotate_signing(custody)
        typer.echo(json.dumps(signing.jwk(custody.content())))


def rotate_age(access: Access, name: str, recipient: str) -> None:
    """Give a reader or gateway another age key."""
    with refusals():
        custody = open_custody(access)
        changes.replace_party(custody, name, recipient)
        _show_findings(_findings(custody.content(), access))


def revoke(access: Access, name: str) -> None:
    """Revoke a reader or gateway, or drop a device."""
    with refusals():
        custody = open_custody(access)
        is_device = custody.content().device(name) is not None
        due = changes.revoke(custody, name)
        if is_device:
            typer.echo(say("keys.device_gone", device=name))
        _tell_due(due)


def audit(access: Access, look_in: Sequence[Path], *, as_json: bool) -> None:
    """Say who can open what and what is to be done; exit with 1 where something is."""
    with refusals():
        content = open_custody(access).content()
        secrets = search.secrets_of(content)
        found = _findings(content, access) + _leaks(look_in, secrets)
        if as_json:
            typer.echo(json.dumps(_as_json(content, found), ensure_ascii=False))
        else:
            _show_parties(content)
            if look_in and not any(each.reason == "leak" for each in found):
                typer.echo(say("keys.no_leak", count=len(secrets)))
            _show_findings(found)
        raise typer.Exit(1 if found else 0)


def public(access: Access, *, past: bool) -> None:
    """Print the public half of the key that signs, or those that signed before, a line each."""
    with refusals():
        content = open_custody(access).content()
        for jwk in signing.past_jwks(content) if past else [signing.jwk(content)]:
            typer.echo(json.dumps(jwk))


@contextmanager
def refusals() -> Iterator[None]:
    """Say what cannot be done, and end with 1."""
    try:
        yield
    except CustodyRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _made_reader(access: Access) -> Reader:
    no_core_dump()
    if access.identity.exists():
        raise CustodyRefused("exists", path=access.identity)
    made = Reader.make()
    made.save(access.identity, new_passphrase(access))
    typer.echo(made.recipient)
    return made


def _leaks(places: Sequence[Path], secrets: Sequence[bytes]) -> list[auditing.Finding]:
    try:
        return [
            auditing.Finding(str(path), "leak", say("audit.leak", subject=path))
            for path in search.leaks(places, secrets)
        ]
    except OSError as error:
        raise CustodyRefused("unreadable", path=error.filename, why=error.strerror) from error


def _findings(content: Content, access: Access) -> list[auditing.Finding]:
    exposed = [path for path in (access.store, access.identity) if sealed_file.exposed(path)]
    return [
        *(
            auditing.Finding(str(path), "exposed", say("audit.exposed", subject=path))
            for path in exposed
        ),
        *auditing.findings(content),
    ]


def _tell_due(due: set[str]) -> None:
    if due:
        names = ", ".join(sorted(due))
        typer.echo(say("keys.due_now", count=len(due), devices=names))


def _show_findings(found: list[auditing.Finding]) -> None:
    for finding in found:
        typer.echo(finding.what)
    if not found:
        typer.echo(say("keys.all_well"))


def _show_parties(content: Content) -> None:
    table = Table(title=content.organisation)
    for name in ("kind", "name", "since", "until", "keys"):
        table.add_column(say(f"keys.column.{name}"))
    for party in content.parties:
        opens = say("keys.opens_all")
        if party.kind == GATEWAY:
            opens = say("keys.opens", count=len(_opened_by(content, party.name)))
        table.add_row(
            say(f"keys.{party.kind}"),
            party.name,
            party.since[:10],
            (party.until or "")[:10],
            opens if party.active else "",
        )
    Console().print(table)


def _opened_by(content: Content, gateway: str) -> list[str]:
    return [
        device.id for device in content.devices if device.held and gateway in device.held.gateways
    ]


def _as_json(content: Content, found: list[auditing.Finding]) -> dict[str, object]:
    return {
        "organisation": content.organisation,
        "readers": [party.name for party in content.active(READER)],
        "gateways": {
            party.name: _opened_by(content, party.name) for party in content.active(GATEWAY)
        },
        "devices": [device.id for device in content.devices],
        "findings": [{"subject": each.subject, "reason": each.reason} for each in found],
    }
