"""Whom a way out believes, the authorities of a file or those of the system, and what it shows itself."""

import ssl
from pathlib import Path

from gateway.upstream import UpstreamDown
from gateway.upstream.secret import place


def trusting(
    ca_file: Path | None, cert_file: Path | None = None, key_file: Path | None = None
) -> ssl.SSLContext:
    """Return what TLS is spoken with; raise `UpstreamDown` naming the file that is to blame.

    `cert_file` and `key_file` are shown to a peer that asks who we are.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # what ssl raises is one, too
        raise UpstreamDown("ca_file") from error
    if cert_file is not None:
        try:  # the empty password: OpenSSL would ask the terminal for that of a sealed key
            context.load_cert_chain(cert_file, key_file and place(key_file), password="")
        except OSError as error:
            raise UpstreamDown("cert_file") from error
    return context
