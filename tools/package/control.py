"""What dpkg is told of the package. Pure.

A version names the suite behind the release, `0.1.0+deb12`: the same release for a newer suite is newer,
and any newer release for an older suite is newer still. So a system may be upgraded in either order.
"""

from tools.package.suites import Arch, Suite

NAME = "tocsin-gateway"
_CONTROL = """\
Package: {name}
Version: {version}
Architecture: {arch}
Maintainer: The Tocsin project <maintainers@tocsin.invalid>
Installed-Size: {size_kib}
Depends: {depends}
Recommends: {recommends}
Section: net
Priority: optional
Description: alert gateway of health professionals' panic buttons and call boxes
 It hears the frames of panic buttons and call boxes, puts every alert on disk, answers the wearer
 in stages, tells people, and lets them answer.
 .
 It brings the libraries it is made of, and fetches nothing when it is installed or while it runs.
 Start with: tocsin-gateway setup
"""


def version_of(release: str, suite: Suite) -> str:
    """Return the version of a release as the package of `suite` has it."""
    return f"{release}+deb{suite.number}"


def control(version: str, suite: Suite, arch: Arch, size_kib: int) -> str:
    """Return the file `control`; `size_kib`: what it takes when installed."""
    # That very Python, not the suite's default: so an upgrade of the suite does not take the gateway away.
    depends = [
        f"python{suite.python}",
        "libc6 (>= 2.34)",
        "libgcc-s1",
        "systemd",
        "init-system-helpers",
    ]
    recommends = ["bluez", "dbus", "ca-certificates"]
    if not suite.lgpio:
        recommends.append("python3-lgpio")
    return _CONTROL.format(
        name=NAME,
        version=version,
        arch=arch.name,
        size_kib=size_kib,
        depends=", ".join(depends),
        recommends=", ".join(recommends),
    )
