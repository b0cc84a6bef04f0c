"""python -m gateway: the same as tocsin-gateway."""

import sys

from gateway.cli import main

sys.exit(main())
