"""A map shows each place where it is, and what it is worth; all mistakes of a file are told at once."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tools.provision import plan
from tools.provision.commission import floor_pdf, sheet
from tools.provision.commission.evidence import Heard
from tools.provision.commission.findings import GOOD, NONE, WEAK, Room, rooms_of
from tools.provision.commission.floors import Floor, FloorsRefused, read

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
KNOWN = rooms_of(plan.read(EXAMPLES / "plan.toml"))
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def room(place: str, felt: int, *rssi: int) -> Room:
    return Room(place, "b", 1.0, 3, felt, tuple(Heard(1.0, "test", "ble", r) for r in rssi))


WALKED = {
    "Cabinet 1": room("Cabinet 1", 3, -60, -61, -62),
    "Accueil": room("Accueil", 2, -80, -81),
    "Parking": room("Parking", 0),
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


def written(folder: Path, text: str, size: tuple[int, int] = (200, 100)) -> Path:
    Image.new("RGB", size, "white").save(folder / "ground.png")
    (folder / "floors.toml").write_text(text, encoding="utf-8")
    return folder / "floors.toml"


def one_floor(places: str) -> str:
    return f'[[floor]]\ntitle = "G"\npicture = "ground.png"\n[floor.places]\n{places}\n'


def rendered(content: bytes) -> Image.Image:
    image = pypdfium2.PdfDocument(content)[0].render(scale=3).to_pil().convert("RGB")
    assert isinstance(image, Image.Image)
    return image


def text_of(content: bytes) -> str:
    return str(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded())


def inked(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Return white where a picture has a colour."""
    difference = ImageChops.difference(image, Image.new("RGB", image.size, colour))
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point([255] + [0] * 255)


def middle(image: Image.Image, colour: tuple[int, int, int]) -> tuple[float, float]:
    box = inked(image, colour).getbbox()
    assert box
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_the_example_has_a_position_for_every_place_of_the_plan() -> None:
    [floor] = read(EXAMPLES / "floors.toml", KNOWN)
    assert sorted(floor.places) == sorted(KNOWN)
    assert floor.height_to_width == 500 / 800


def test_each_mark_stands_where_its_place_is_in_the_ink_of_its_verdict(tmp_path: Path) -> None:
    places = '"Cabinet 1" = [20, 10]\n"Accueil" = [100, 50]\n"Parking" = [180, 90]'
    floors = read(written(tmp_path, one_floor(places)), KNOWN)
    image = rendered(floor_pdf.pdf("Site", floors, WALKED, "en", NOW))
    # The picture is twice as wide as high: the places are on its diagonal, evenly.
    middles = [middle(image, sheet.INK[verdict]) for verdict in (GOOD, WEAK, NONE)]
    (x0, y0), (x1, y1), (x2, y2) = middles
    for step in (x1 - x0, x2 - x1):
        assert step == pytest.approx(0.4 * sheet.WIDTH / 25.4 * 72 * 3, rel=0.03)
    for step in (y1 - y0, y2 - y1):
        assert step == pytest.approx(0.4 * sheet.WIDTH / 2 / 25.4 * 72 * 3, rel=0.03)


def test_verdicts_differ_in_shape_too() -> None:
    count = {}
    for verdict, tested in (
        (GOOD, WALKED["Cabinet 1"]),
        (WEAK, WALKED["Accueil"]),
        (NONE, WALKED["Parking"]),
    ):
        floor = Floor("G", _white(), 0.5, {"Here": (0.5, 0.5)})
        image = rendered(floor_pdf.pdf("S", [floor], {"Here": tested}, "en", NOW))
        count[verdict] = inked(image, sheet.INK[verdict]).histogram()[255]
    assert count[GOOD] > 1.2 * count[WEAK] > 1.2 * 1.2 * count[NONE] > 0


def _white() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(content, "PNG")
    return content.getvalue()


def test_names_and_levels_stand_beside_and_what_no_floor_shows_below(tmp_path: Path) -> None:
    floors = read(
        written(tmp_path, one_floor('"Cabinet 1" = [20, 10]\n"Accueil" = [9, 50]')), KNOWN
    )
    walked = {name: WALKED[name] for name in ("Cabinet 1", "Parking")}
    shown = text_of(floor_pdf.pdf("Site", floors, walked, "en", NOW))
    assert "Cabinet 1" in shown
    assert "3/3, -61 dBm" in shown
    assert "Accueil" in shown  # not walked: a ring
    assert "on no floor plan: Parking" in shown


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = (
        one_floor('"Cabinet 1" = [200, 10]\n"Acceuil" = [10, 10]\n"Parking" = [1, 1]')
        + one_floor('"Parking" = [2.5, 1]').replace("ground", "first")
        + one_floor('"Parking" = [5, 5]')
        + '[[floor]]\ntitle = "Roof"\n'
    )
    with pytest.raises(FloorsRefused) as refused:
        read(written(tmp_path, text), KNOWN)
    told = str(refused.value).splitlines()
    assert len(told) == 5
    for line, what in zip(
        told,
        ("x below 200", "first.png", "Roof", "is it Accueil", "Parking: it is on two"),
        strict=True,
    ):
        assert what.lower() in line.lower()


@pytest.mark.parametrize("text", ["", "floor = 1", "[floor]\n", "[[floor]\n", "[plan]\n"])
def test_what_is_no_file_of_floors_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FloorsRefused):
        read(written(tmp_path, text), KNOWN)


def test_a_photo_is_turned_as_viewers_do_made_smaller_and_rid_of_what_the_camera_wrote(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, one_floor('"Parking" = [50, 3900]').replace(".png", ".jpg"))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010F] = "maker"
    Image.new("RGB", (4000, 3000), "white").save(tmp_path / "ground.jpg", exif=exif)
    [floor] = read(path, KNOWN)
    assert floor.height_to_width == pytest.approx(4000 / 3000)
    with Image.open(io.BytesIO(floor.picture)) as kept:
        assert max(kept.size) == 1600
        assert not kept.getexif()
    assert b"maker" not in floor.picture


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, one_floor('"Parking" = [5, 5]'))
    (tmp_path / "ground.png").write_bytes(b"%PDF-1.4")
    with pytest.raises(FloorsRefused, match=r"no PNG or JPEG"):
        read(path, KNOWN)
