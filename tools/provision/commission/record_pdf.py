"""The record on paper: the picture of the coverage, its table, every device, the escalation, signatures."""

from tools.provision.commission import floor_pdf
from tools.provision.commission.evidence import Escalation
from tools.provision.commission.findings import WEAK_DBM, Room
from tools.provision.commission.provisioned import Provisioned
from tools.provision.commission.record import Record
from tools.provision.commission.sheet import INK, LEFT, WIDTH, Sheet
from tools.provision.paper.check_digits import check_digits

_SCALE_DBM = {"ble": (-105, -40), "lora": (-137, -50)}  # the ends of a bar
_NAME_MM = 44.0
_BAR_MM = 74.0
_ROW_MM = 6.4


def pdf(record: Record, language: str) -> bytes:
    """Return the record as a PDF in one language."""
    sheet = Sheet(f"Tocsin {record.site}", language, record.at)
    sheet.line(sheet.say("record.title", site=record.site), 8, bold=True)
    day = record.at.strftime("%Y-%m-%d %H:%M UTC")
    sheet.line(sheet.say("record.made", day=day, organisation=record.sign_off.organisation))
    sheet.line(sheet.say("record.id", id=record.id), 4)
    _verdict(sheet, record)
    _coverage(sheet, record)
    floor_pdf.draw(sheet, record.floors, record.visit.rooms)
    _devices(sheet, record)
    _escalation(sheet, record.visit.escalation)
    _signatures(sheet, record)
    return bytes(sheet.paper.output())


def _verdict(sheet: Sheet, record: Record) -> None:
    sheet.heading("record.result")
    if not record.lacks:
        sheet.line(sheet.say("record.complete"))
    for lack in record.lacks:
        sheet.line(f"- {sheet.say(f'lack.{lack.reason}', subject=lack.subject)}")
    for reservation in record.sign_off.reservations:
        sheet.line(sheet.say("record.reservation", text=reservation))


def _coverage(sheet: Sheet, record: Record) -> None:
    """Draw a bar for each room: the further right the stronger, a line where weak begins."""
    sheet.heading("record.coverage", 30)
    sheet.line(sheet.say("record.legend", **WEAK_DBM), 4)
    sheet.y += 1.5
    for room in record.rooms:
        sheet.room_for(_ROW_MM)
        _bar(sheet, room)
        sheet.y += _ROW_MM


def _bar(sheet: Sheet, room: Room) -> None:
    paper, y = sheet.paper, sheet.y
    paper.line_of(LEFT, y, _NAME_MM - 2, 4.4, room.place, bold=True)
    left = LEFT + _NAME_MM
    paper.rect(left, y, _BAR_MM, 4.6)
    medium = next((name for name in WEAK_DBM if room.rssi(name)), None)
    if medium is not None:
        low, high = _SCALE_DBM[medium]
        middle = room.middle(medium) or low
        share = min(max((middle - low) / (high - low), 0.02), 1.0)
        paper.set_fill_color(*INK[room.verdict])
        paper.rect(left, y, _BAR_MM * share, 4.6, style="F")
        paper.set_fill_color(0)
        limit = left + _BAR_MM * (WEAK_DBM[medium] - low) / (high - low)
        paper.line(limit, y - 0.6, limit, y + 5.2)
    told = [f"{room.felt}/{room.pressed}", sheet.say(f"verdict.{room.verdict}")]
    told += [
        f"{name} {room.middle(name):.0f} dBm" for name in WEAK_DBM if room.middle(name) is not None
    ]
    paper.line_of(left + _BAR_MM + 3, y, WIDTH - _NAME_MM - _BAR_MM - 3, 4.4, ", ".join(told))


def _devices(sheet: Sheet, record: Record) -> None:
    sheet.heading("record.devices")
    for name, role, place, pressed in record.devices:
        heard = None if pressed is None else pressed.heard
        works = pressed is not None and pressed.good
        told = [f"{name} ({check_digits(name)})", sheet.say(f"role.{role}"), place]
        told += [sheet.say("record.works" if works else "record.works_not")]
        told += [] if heard is None else [f"{heard.medium} {heard.rssi} dBm"]
        sheet.line(" - ".join(told), 4.4, bold=not works)
        sheet.line(f"      {_at_the_bench(sheet, record.provisioned.get(name))}", 3.4)


def _at_the_bench(sheet: Sheet, found: Provisioned | None) -> str:
    if found is None:
        return sheet.say("record.bench_unknown")
    if not found.round_trip:
        return sheet.say("record.bench_without_trip")
    return sheet.say("record.bench_trip", up=found.up_dbm, down=found.down_dbm)


def _escalation(sheet: Sheet, found: Escalation | None) -> None:
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


def _signatures(sheet: Sheet, record: Record) -> None:
    sheet.heading("record.signatures", 40)
    sheet.y += 2
    half = WIDTH / 2
    for at, (sentence, name) in enumerate(
        (
            ("record.installer", record.sign_off.installer),
            ("record.accepted", record.sign_off.accepted_by),
        )
    ):
        x = LEFT + at * half
        sheet.paper.line_of(x, sheet.y, half - 6, 4.6, sheet.say(sentence, name=name))
        sheet.paper.line(x, sheet.y + 20, x + half - 8, sheet.y + 20)
    sheet.y += 24
    sheet.line(sheet.say("record.how_signed"), 3.8)
