"""The record on paper: the picture of the coverage, its table, every device, the escalation, signatures."""

from datetime import datetime

from tools.provision.commission.evidence import Escalation
from tools.provision.commission.findings import GOOD, NONE, WEAK, WEAK_DBM, Room
from tools.provision.commission.provisioned import Provisioned
from tools.provision.commission.record import Record
from tools.provision.paper.check_digits import check_digits
from tools.provision.paper.pdf import Paper
from tools.provision.paper.sheets import A4
from tools.provision.words import say_in

_LEFT = 18.0
_WIDTH = A4[0] - 2 * _LEFT
_TOP = 16.0
_BOTTOM = A4[1] - 18.0
_SCALE_DBM = {"ble": (-105, -40), "lora": (-137, -50)}  # the ends of a bar
_NAME_MM = 44.0
_BAR_MM = 74.0
_ROW_MM = 6.4
# Darkness tells the verdict on a black and white printer, too.
_INK = {GOOD: (40, 130, 70), WEAK: (235, 160, 40), NONE: (190, 30, 30)}


class _Sheet:
    """Writes line below line, and begins pages."""

    def __init__(self, title: str, language: str, now: datetime) -> None:
        self.paper = Paper(A4, title, now)
        self.language = language
        self.y = _BOTTOM

    def room_for(self, height: float) -> None:
        if self.y + height > _BOTTOM:
            self.paper.add_page()
            self.y = _TOP

    def line(self, text: str, height: float = 5.0, *, bold: bool = False) -> None:
        self.room_for(height)
        self.paper.line_of(_LEFT, self.y, _WIDTH, height, text, bold=bold)
        self.y += height * 1.15

    def heading(self, sentence: str, needs: float = 20.0) -> None:
        self.room_for(needs)
        self.y += 4
        self.line(self.say(sentence), 6, bold=True)

    def say(self, sentence: str, **values: object) -> str:
        return say_in(self.language, sentence, **values)


def pdf(record: Record, language: str) -> bytes:
    """Return the record as a PDF in one language."""
    sheet = _Sheet(f"Tocsin {record.site}", language, record.at)
    sheet.line(sheet.say("record.title", site=record.site), 8, bold=True)
    day = record.at.strftime("%Y-%m-%d %H:%M UTC")
    sheet.line(sheet.say("record.made", day=day, organisation=record.sign_off.organisation))
    sheet.line(sheet.say("record.id", id=record.id), 4)
    _verdict(sheet, record)
    _coverage(sheet, record)
    _devices(sheet, record)
    _escalation(sheet, record.visit.escalation)
    _signatures(sheet, record)
    return bytes(sheet.paper.output())


def _verdict(sheet: _Sheet, record: Record) -> None:
    sheet.heading("record.result")
    if not record.lacks:
        sheet.line(sheet.say("record.complete"))
    for lack in record.lacks:
        sheet.line(f"- {sheet.say(f'lack.{lack.reason}', subject=lack.subject)}")
    for reservation in record.sign_off.reservations:
        sheet.line(sheet.say("record.reservation", text=reservation))


def _coverage(sheet: _Sheet, record: Record) -> None:
    """Draw a bar for each room: the further right the stronger, a line where weak begins."""
    sheet.heading("record.coverage", 30)
    sheet.line(sheet.say("record.legend", **WEAK_DBM), 4)
    sheet.y += 1.5
    for room in record.rooms:
        sheet.room_for(_ROW_MM)
        _bar(sheet, room)
        sheet.y += _ROW_MM


def _bar(sheet: _Sheet, room: Room) -> None:
    paper, y = sheet.paper, sheet.y
    paper.line_of(_LEFT, y, _NAME_MM - 2, 4.4, room.place, bold=True)
    left = _LEFT + _NAME_MM
    paper.rect(left, y, _BAR_MM, 4.6)
    medium = next((name for name in WEAK_DBM if room.rssi(name)), None)
    if medium is not None:
        low, high = _SCALE_DBM[medium]
        middle = room.middle(medium) or low
        share = min(max((middle - low) / (high - low), 0.02), 1.0)
        paper.set_fill_color(*_INK[room.verdict])
        paper.rect(left, y, _BAR_MM * share, 4.6, style="F")
        paper.set_fill_color(0)
        limit = left + _BAR_MM * (WEAK_DBM[medium] - low) / (high - low)
        paper.line(limit, y - 0.6, limit, y + 5.2)
    told = [f"{room.felt}/{room.pressed}", sheet.say(f"verdict.{room.verdict}")]
    told += [
        f"{name} {room.middle(name):.0f} dBm" for name in WEAK_DBM if room.middle(name) is not None
    ]
    paper.line_of(left + _BAR_MM + 3, y, _WIDTH - _NAME_MM - _BAR_MM - 3, 4.4, ", ".join(told))


def _devices(sheet: _Sheet, record: Record) -> None:
    sheet.heading("record.devices")
    for name, role, place, pressed in record.devices:
        heard = None if pressed is None else pressed.heard
        works = pressed is not None and pressed.good
        told = [f"{name} ({check_digits(name)})", sheet.say(f"role.{role}"), place]
        told += [sheet.say("record.works" if works else "record.works_not")]
        told += [] if heard is None else [f"{heard.medium} {heard.rssi} dBm"]
        sheet.line(" - ".join(told), 4.4, bold=not works)
        sheet.line(f"      {_at_the_bench(sheet, record.provisioned.get(name))}", 3.4)


def _at_the_bench(sheet: _Sheet, found: Provisioned | None) -> str:
    if found is None:
        return sheet.say("record.bench_unknown")
    if not found.round_trip:
        return sheet.say("record.bench_without_trip")
    return sheet.say("record.bench_trip", up=found.up_dbm, down=found.down_dbm)


def _escalation(sheet: _Sheet, found: Escalation | None) -> None:
    sheet.heading("record.escalation")
    if found is None:
        sheet.line(sheet.say("lack.no_escalation"))
        return
    sheet.line(sheet.say("record.alert", device=found.device, kind=found.kind, id=found.incident))
    for target, seconds in found.delivered.items():
        sheet.line(sheet.say("record.delivered", target=target, seconds=seconds))
    if found.acknowledged_s is not None:
        sheet.line(sheet.say("record.taken", by=found.by, seconds=found.acknowledged_s))
    if found.felt:
        sheet.line(sheet.say("record.felt"))
    if found.wearer_knows_s is not None:
        sheet.line(sheet.say("record.known", seconds=found.wearer_knows_s))


def _signatures(sheet: _Sheet, record: Record) -> None:
    sheet.heading("record.signatures", 40)
    sheet.y += 2
    half = _WIDTH / 2
    for at, (sentence, name) in enumerate(
        (
            ("record.installer", record.sign_off.installer),
            ("record.accepted", record.sign_off.accepted_by),
        )
    ):
        x = _LEFT + at * half
        sheet.paper.line_of(x, sheet.y, half - 6, 4.6, sheet.say(sentence, name=name))
        sheet.paper.line(x, sheet.y + 20, x + half - 8, sheet.y + 20)
    sheet.y += 24
    sheet.line(sheet.say("record.how_signed"), 3.8)
