"""Whom a way out believes: the authorities of a file, or those of the system."""

import ssl
from pathlib import Path

from gateway.upstream import UpstreamDown


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Return what TLS is spoken with; raise `UpstreamDown` where the file is none of authorities."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # what ssl raises is one, too
        raise UpstreamDown("ca_file") from error
