"""What went wrong with a connection, in one short and stable word, the same for every way out."""

import socket
import ssl

Words = tuple[tuple[type[BaseException], str], ...]

_BY_VERIFY_CODE = {  # X509_V_ERR_* of OpenSSL
    7: "certificate_unknown_ca",  # an authority of the same name, with another key
    10: "certificate_expired",
    9: "certificate_not_yet_valid",
    18: "certificate_unknown_ca",
    19: "certificate_unknown_ca",
    20: "certificate_unknown_ca",
    62: "certificate_wrong_name",
    64: "certificate_wrong_name",
}
_FIRST: Words = (  # the first that is in the chain
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "name_unknown"),
    (ConnectionRefusedError, "connection_refused"),
)
_LAST: Words = ((TimeoutError, "no_answer"), (ConnectionError, "connection_lost"))


def cause(error: BaseException, words: Words = ()) -> str:
    """Return the word; `words` are those of a client's own errors."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    for kind, word in (*_FIRST, *words, *_LAST):
        for one in chain:
            if isinstance(one, kind):
                return _certificate(one) if isinstance(one, ssl.SSLCertVerificationError) else word
    return type(error).__name__


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    return _BY_VERIFY_CODE.get(error.verify_code, "certificate")
