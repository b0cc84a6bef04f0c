"""Why provisioning stopped: a sentence of `wording.board`, and who can help."""

from tools.provision.words import say


class Stopped(Exception):
    """It cannot go on: what was given is wrong, or the board will not do. Again would be no better."""

    def __init__(self, sentence: str, **values: object) -> None:
        """Take a sentence and what it is about."""
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        """Return the sentence in the language of this terminal."""
        return say(f"board.{self.sentence}", **self.values)


class Lost(Stopped):
    """The board does not answer, or its cable was pulled: the same command goes on where it stopped."""
