"""Python loads this at its start where this folder is on PYTHONPATH: esptool runs unmodified beside it."""

import quick

quick.install()
