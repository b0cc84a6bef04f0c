"""A licence is named as SPDX names it, wherever a package says it; one nobody knows stops the build."""

from pathlib import Path

import pytest

from tools.package import papers
from tools.package.suites import PackageFault


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: Apache-2.0 AND MIT\nLicense: other", "Apache-2.0 AND MIT"),
        ("License: MIT License", "MIT"),
        ("License: unlicense.org", "Unlicense"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        ("License: Weird\nClassifier: License :: OSI Approved :: BSD License", "BSD-3-Clause"),
        ("License: Weird", "Weird"),
        ("Name: thing", ""),
    ],
)
def test_what_the_metadata_names(metadata: str, licence: str) -> None:
    assert papers.licence_of(metadata) == licence


def test_else_its_text_tells(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text(
        "Permission is hereby granted,\nfree of charge, to any person", encoding="utf-8"
    )
    assert papers._by_text(tmp_path, [Path("LICENSE")]) == "MIT"
    (tmp_path / "LICENSE").write_text("Ask my aunt.", encoding="utf-8")
    with pytest.raises(PackageFault, match="which licence"):
        papers._by_text(tmp_path, [Path("LICENSE")])
    with pytest.raises(PackageFault, match="none"):
        papers._by_text(tmp_path, [])
