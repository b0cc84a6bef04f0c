"""What is wrong in a plan, and how to put it right."""

WORDS: dict[str, tuple[str, str]] = {}
