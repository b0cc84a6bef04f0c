"""python -m tools.package --suite bookworm|trixie --arch amd64|arm64 --out FOLDER."""

import argparse
import sys
from pathlib import Path

from tools.package.build import build
from tools.package.suites import ARCHES, SUITES, PackageFault


def main() -> int:
    """Build one package and print where it is; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.package", description=__doc__)
    parser.add_argument("--suite", choices=SUITES, required=True)
    parser.add_argument("--arch", choices=ARCHES, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    try:
        print(build(options.suite, options.arch, options.out))
    except PackageFault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
