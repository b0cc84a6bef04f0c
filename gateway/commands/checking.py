"""check: all that must be right before somebody may rely on this gateway, a line each."""

import argparse
import asyncio
import time
from collections.abc import Iterator

from gateway import config as configuration
from gateway.commands import bluetooth_checks, checks, plan_checks, targets
from gateway.commands.checks import Finding
from gateway.commands.exits import DONE, FAULT
from gateway.commands.options import Commands
from gateway.commands.terminal import show, show_json
from gateway.config import Config
from gateway.disk.store import DATABASE_NAME
from gateway.gateway_clock import synchronized
from gateway.words import say


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    commands.add("check", check)


def check(options: argparse.Namespace) -> int:
    """Tell what is right, and of what is not what to do; 1 where a fault is among it."""
    config = configuration.load(options.config)
    findings = [Finding("config", str(options.config))]
    if not options.json:
        _tell(findings[0])
    for finding in _findings(config):
        findings.append(finding)
        if not options.json:
            _tell(finding)
    if options.json:
        show_json([finding.shown() for finding in findings])
    return FAULT if any(finding.is_fault for finding in findings) else DONE


def _findings(config: Config) -> Iterator[Finding]:
    yield from checks.of_folders(config)
    yield from checks.of_key(config)
    yield from checks.of_database(config, config.state_dir / DATABASE_NAME)
    yield from checks.of_radios(config)
    yield from asyncio.run(bluetooth_checks.of_bluetooth(config))
    yield from checks.of_clock(config, follows=synchronized())
    yield from plan_checks.of_plan(config, time.time())
    yield from plan_checks.of_annunciator(config)
    yield from plan_checks.of_site(config)
    yield from asyncio.run(targets.of_upstreams(config))


def _tell(finding: Finding) -> None:
    mark = say(f"check.{finding.weight}")
    show(f"{mark:10} {say(f'check.topic.{finding.topic}'):12} {finding.text}")
