"""What the rules make of a return."""

from expectations.book import rules_of
from expectations.run import check_rows
from schemas.rows import CheckContext, Checked, ReadReturn


def checked(rows: ReadReturn, context: CheckContext) -> Checked:
    """Return every finding, every rule's status and the rows that are lost."""
    return check_rows(rows, context)


def rule_words(return_name: str) -> dict[str, str]:
    """Return what each rule of a return says, by `code:table`; nothing for an unknown return.

    A code that says several things of one table is left out: which one is meant, the findings say.
    """
    said: dict[str, set[str]] = {}
    for rule in rules_of(return_name):
        said.setdefault(f"{rule.code}:{rule.table}", set()).add(rule.words)
    return {key: words.pop() for key, words in said.items() if len(words) == 1}
