"""What the package says of itself: copyright with every licence, a bill of materials (CycloneDX 1.6)."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from tools.package.lock import Pin
from tools.package.suites import Arch, PackageFault, Suite
from tools.package.wheels import info_folder, licence_files

_SPDX = {  # what older packages write, as SPDX writes it
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "mit license": "MIT",
    "mit": "MIT",
    "mpl-2.0": "MPL-2.0",
    "unlicense.org": "Unlicense",
}
_CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
_SENTENCES = {"Permission is hereby granted, free of charge, to any person": "MIT"}
_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tocsin
Comment: The package holds the gateway and the libraries it is made of, each under
 {site}
 as its wheel had it. The bill of materials beside it names each wheel and its SHA-256.

Files: *
Copyright: the authors of Tocsin
License: EUPL-1.2
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A library in the package. `files`: its licences, below the folder of the modules."""

    pin: Pin
    licence: str
    sha256: str
    files: tuple[Path, ...]

    @property
    def purl(self) -> str:
        """Return its name in the world (package URL)."""
        return f"pkg:pypi/{self.pin.name}@{self.pin.version}"


def parts(site: Path, pins: Sequence[Pin], wheels: Sequence[Path]) -> list[Part]:
    """Return what was unpacked into `site`; raise `PackageFault` where something is not there."""
    digests = {}
    for wheel in wheels:
        name, version, *_ = wheel.name.split("-")
        key = name.lower().replace("_", "-").replace(".", "-"), version
        digests[key] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    found = []
    for pin in pins:
        metadata = info_folder(site, pin.name, pin.version) / "METADATA"
        files = tuple(licence_files(site, pin.name, pin.version))
        licence = licence_of(metadata.read_text(encoding="utf-8")) or _by_text(site, files)
        found.append(Part(pin, licence, digests[pin.name, pin.version], files))
    return found


def licence_of(metadata: str) -> str:
    """Return the licence that the METADATA of a package names, as SPDX writes it; "" for none."""
    told = HeaderParser().parsestr(metadata)
    if told["License-Expression"]:
        return str(told["License-Expression"])
    written = str(told["License"] or "").strip()
    if written.lower() in _SPDX:
        return _SPDX[written.lower()]
    classified = [
        _CLASSIFIERS[one] for one in told.get_all("Classifier", []) if one in _CLASSIFIERS
    ]
    if classified:
        return " OR ".join(sorted(set(classified)))
    return written.partition("\n")[0]


def _by_text(site: Path, files: Iterable[Path]) -> str:
    """Return the licence whose text a package brought; raise `PackageFault` where we do not know it."""
    for file in files:
        text = " ".join((site / file).read_text(encoding="utf-8").split())
        for sentence, licence in _SENTENCES.items():
            if sentence in text:
                return licence
    raise PackageFault(f"which licence is that: {', '.join(map(str, files)) or 'none'}?")


def copyright_text(found: Sequence[Part], site: str, eupl: str) -> str:
    """Return Debian's file of copyrights (machine-readable, 1.0); `site`: where the modules are."""
    text = _COPYRIGHT.format(site=site)
    text += "".join(f" {line}".rstrip() + "\n" if line else " .\n" for line in eupl.splitlines())
    for part in found:
        where = "\n".join(f"  {site}/{file}" for file in part.files)
        said = f" Its text:\n{where}\n" if where else " It brought no text of it.\n"
        text += f"\nFiles: {site[1:]}/* from {part.pin.name} {part.pin.version}\n"
        text += f"Copyright: the authors of {part.pin.name}\nLicense: {part.licence}\n{said}"
    return text


def bill_of_materials(
    found: Sequence[Part], version: str, arch: Arch, suite: Suite, epoch: int
) -> dict[str, object]:
    """Return the bill in CycloneDX 1.6; the same content has the same serial number."""
    whole = f"pkg:deb/debian/tocsin-gateway@{version}?arch={arch.name}&distro={suite.name}"
    content = "\n".join([whole, *(f"{part.purl} {part.sha256}" for part in found)])
    names = {part.pin.name: part.purl for part in found}
    asked = {purl: [] for purl in [whole, *names.values()]}  # type: dict[str, list[str]]
    for part in found:
        by = [names[name] for name in part.pin.via if name in names]
        for purl in by + [whole] * ("tocsin" in part.pin.via):
            asked[purl].append(part.purl)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": whole,
                "name": "tocsin-gateway",
                "version": version,
                "licenses": [{"expression": "EUPL-1.2"}],
                "purl": whole,
            },
        },
        "components": [_component(part) for part in found],
        "dependencies": [
            {"ref": purl, "dependsOn": sorted(needs)} for purl, needs in sorted(asked.items())
        ],
    }


def _component(part: Part) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.pin.name,
        "version": part.pin.version,
        "hashes": [{"alg": "SHA-256", "content": part.sha256}],
        "licenses": [{"license": {"name": part.licence}}],
        "purl": part.purl,
    }
