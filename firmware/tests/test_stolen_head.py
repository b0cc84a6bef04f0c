"""A stolen radio head yields no key: nothing its program imports could hold or use one."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEYED = {"protocol.aes", "protocol.ccm", "protocol.cmac", "protocol.keys", "protocol.protect"}


def reached_by(module: str, seen: set[str]) -> set[str]:
    """Return every module of ours that `module` imports, itself included."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if module in seen or not path.exists():
        return seen
    seen.add(module)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                reached_by(name, seen)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                reached_by(alias.name, seen)
    return seen


def test_a_radio_head_has_nothing_that_could_use_a_key() -> None:
    assert not reached_by("firmware.radio_head", set()) & KEYED
    assert reached_by("firmware.panic_button", set()) >= KEYED  # else this test could not fail
