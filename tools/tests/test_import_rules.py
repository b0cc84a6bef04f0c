"""The walls of the house stand, and every rule about them catches its breach."""

import graphlib
from itertools import combinations

import pytest

from tools import import_rules


def test_every_module_keeps_to_the_rules() -> None:
    offences = [
        f"{path.relative_to(import_rules.ROOT)}:{line}: {module} may not import {imported}"
        for path, module in import_rules.modules()
        for line, imported in import_rules.offending(module, path.read_text())
    ]
    assert not offences, "\n".join(offences)


def test_the_tree_is_seen() -> None:
    seen = {module.split(".")[0] for _, module in import_rules.modules()}
    assert seen == set(import_rules.OURS)


def test_no_module_imports_itself_in_a_circle() -> None:
    try:
        graphlib.TopologicalSorter(import_rules.graph()).prepare()
    except graphlib.CycleError as cycle:
        pytest.fail(" <- ".join(cycle.args[1]))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("protocol.frame", "import struct"),
        ("protocol.frame", "from typing import Final"),
        ("protocol.frame", "import os.path"),
        ("protocol.frame", "import micropython"),
        ("protocol.frame", "from cryptography.hazmat.primitives.ciphers import Cipher"),
        ("protocol.frame", "from gateway import events"),
        ("protocol.aes", "import micropython"),
        ("protocol.portable", "import cryptolib"),
        ("protocol.portable", "import time"),
        ("firmware.core.press", "import machine"),
        ("firmware.core.press", "import asyncio"),
        ("firmware.core.press", "def late():\n    import time"),
        ("firmware.core.press", "from firmware.hal import button"),
        ("firmware.core.press", "from ..hal import button"),
        ("firmware.core.press", "from . import storage, codec\nimport bluetooth"),
        ("firmware.hal.ble", "from protocol.advert import wrap"),
        ("firmware.hal.ble", "from firmware.core import alert"),
        ("firmware.hal.ble", "from firmware import panic_button"),
        ("firmware.panic_button", "import gateway.events"),
        ("firmware.main", "from tools import virtual"),
        ("gateway.frames.authenticate", "import asyncio"),
        ("gateway.frames.authenticate", "from time import monotonic"),
        ("gateway.cases.incidents", "import sqlite3"),
        ("gateway.cases.incidents", "from gateway.disk.store import Store"),
        ("gateway.response.escalation", "from gateway import outbox"),
        ("gateway.events", "import serial"),
        ("gateway.radio.radio_head", "from gateway.disk.store import Store"),
        ("gateway.radio.radio_head", "from gateway import incidents"),
        ("gateway.radio.ble", "from protocol.keys import derive"),
        ("gateway.radio.__init__", "from .. import outbox"),
        ("gateway.radio.ble", "from .. import outbox"),
        ("gateway.upstream.mqtt", "from gateway.radio import radio_head"),
        ("gateway.upstream.mqtt", "from gateway.cases.incidents import Incidents"),
        ("gateway.upstream.mqtt", "from ..store import Store"),
        ("gateway.disk.store", "from firmware.core import records"),
        ("gateway.disk.store", "from gateway.service import run"),
        ("gateway.downlink", "from gateway.radio.radio_head import RadioHead"),
        ("gateway.disk.outbox", "import gateway.upstream.mqtt"),
        ("gateway.service", "from tools import cli"),
        ("gateway.tests.test_path", "from firmware.core import alert"),
        ("firmware.tests.test_alert", "from gateway import events"),
        ("gateway.tests.test_path", "import hil_tests.bench"),
        ("tools.cli", "from gateway.disk.store import Store"),
        ("tools.cli", "from firmware.core import alert"),
        ("tools.virtual.air", "from firmware.hal import ble"),
        ("tools.provision.plan", "from gateway.fields import Fields"),
        ("tools.provision.custody.content", "import subprocess"),
        ("tools.provision.commission.evidence", "from time import time"),
        ("tools.bench.latency", "from hil_tests import bench"),
        ("hil_tests.test_press", "from gateway import events"),
        ("hil_tests.bench.virtual", "from firmware.core import alert"),
        ("tools.cli", "import importlib"),
        ("tools.cli", "from importlib import import_module"),
        ("tools.cli", "import importlib.util"),
        ("protocol.frame", "__import__('os')"),
        ("firmware.panic_button", "__import__('gateway')"),
        ("gateway.service", "def late():\n    return __import__('firmware')"),
        ("tools.cli", "if TYPE_CHECKING:\n    from gateway.disk.store import Store"),
    ],
)
def test_a_breach_is_caught(module: str, source: str) -> None:
    assert list(import_rules.offending(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("protocol.frame", "import binascii\nfrom protocol.errors import Malformed"),
        (
            "protocol.aes",
            "from cryptolib import aes\nfrom cryptography.hazmat.primitives.ciphers import Cipher",
        ),
        ("protocol.portable", "from micropython import const"),
        ("protocol.tests.test_frame", "import json, struct, pytest, importlib.util"),
        ("firmware.core.press", "from protocol.portable import const\nfrom firmware.core import x"),
        ("firmware.hal.ble", "import bluetooth, micropython, time\nfrom firmware.boards import c3"),
        ("firmware.core.records", "import binascii, json"),
        ("firmware.start", "__import__('firmware.panic_button')"),
        ("firmware.panic_button", "import asyncio\nfrom firmware.hal.ble import Ble"),
        ("gateway.frames.authenticate", "from gateway.frames.lookahead import LookAhead"),
        ("gateway.cases.incidents", "import dataclasses\nfrom gateway.events import Incident"),
        ("gateway.radio.radio_head", "import serial\nfrom protocol.serial_link import take"),
        ("gateway.upstream.mqtt", "import aiomqtt\nfrom gateway.disk.outbox import Outbox"),
        (
            "gateway.service",
            "from gateway.radio import radio_head\nfrom gateway.disk.store import Store",
        ),
        ("gateway.tests.test_store", "from gateway.disk.store import Store"),
        ("tools.check", "from importlib import metadata\nimport importlib.resources"),
        ("tools.virtual.air", "from firmware.core.press import Press"),
        ("tools.provision.plan", "from firmware.core import settings"),
        ("tools.virtual.shims.machine", "import machine, os, socket"),
        ("tools.bench.accept", "from gateway import authenticate"),
        ("hil_tests.test_press", "from hil_tests.bench import Device\nimport tools.virtual.air"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert not list(import_rules.offending(module, source))


def test_each_rule_is_the_first_for_some_module() -> None:
    for earlier, later in combinations(import_rules.RULES, 2):
        assert not any(import_rules.under(name, earlier.modules) for name in later.modules)
