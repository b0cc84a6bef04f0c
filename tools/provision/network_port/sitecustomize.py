"""Python loads this at its start where this folder is on PYTHONPATH: esptool runs unmodified beside it."""

import quick  # type: ignore[import-not-found]  # beside this file

quick.install()
