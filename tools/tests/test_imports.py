"""What a module imports is found wherever it stands."""

from tools.imports import Import, imports

DEEP = """
class A:
    def late(self):
        with a:
            import first
        try:
            import second
        except OSError:
            import third
        else:
            import fourth
        finally:
            import fifth
async def later():
    async for a in b:
        match a:
            case 1:
                import sixth
            case _:
                pass
    else:
        import seventh
    while a:
        if a:
            pass
        elif b:
            import eighth
"""


def test_an_import_is_found_wherever_it_hides() -> None:
    names = [found.name for found in imports("tools.cli", DEEP)]
    assert names == ["first", "second", "fourth", "fifth", "third", "sixth", "seventh", "eighth"]


def test_names_are_in_full_and_those_for_types_are_told_apart() -> None:
    source = "if TYPE_CHECKING:\n    from .. import store\nfrom . import a, b\n__import__('c')\n"
    assert imports("gateway.radio.ble", source) == (
        Import(2, "gateway.store", for_types=True),
        Import(3, "gateway.radio.a"),
        Import(3, "gateway.radio.b"),
        Import(4, "__import__"),
    )
