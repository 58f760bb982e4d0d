import pytest

from schemas.errors import DeclarationError
from tasks.cut.analysis import config_hash, prices_of

OVERRIDE = """
parameters:
  - {id: optimism_bias.costs, value: 0.1, source: a test, grade: established}
"""


def test_without_a_file_of_its_own_a_root_has_the_declared_prices(root):
    assert prices_of(root).prices


def test_prices_of_a_root_change_the_configuration_that_a_cut_is_named_by(root):
    before = config_hash(root)
    root.prices_file.write_text(OVERRIDE)
    assert config_hash(root) != before
    (found,) = [p for p in prices_of(root).parameters if p.id == "optimism_bias.costs"]
    assert found.value == 0.1
    assert "prices.yaml" in str(found)


def test_an_entry_that_cannot_be_used_is_named(root):
    root.prices_file.write_text("parameters:\n  - {id: nonsense, value: 1}\n")
    with pytest.raises(DeclarationError, match="nonsense"):
        prices_of(root)
