"""What may be wrong with keys, in a word that `wording.keys` has a sentence for."""

from tools.provision.words import say


class CustodyRefused(Exception):
    """Something cannot be done with the keys; says why and what to do, never what is in them."""

    def __init__(self, reason: str, **values: object) -> None:
        """Take the name of the sentence after `keys.`, and what it is filled with."""
        self.reason = reason
        super().__init__(say(f"keys.{reason}", **values))
