"""The word that makes every benchmark and proof small: the same code, no budget judged."""

TOY = "--toy"
