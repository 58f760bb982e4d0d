from tasks.cut.analysis import config_hash

OVERRIDE = """
parameters:
  - {id: optimism_bias.costs, value: 0.1, source: a test, grade: established}
"""


def test_prices_of_a_root_change_the_configuration_that_a_cut_is_named_by(root):
    before = config_hash(root)
    root.prices_file.write_text(OVERRIDE)
    changed = config_hash(root)
    assert changed != before
    root.prices_file.write_text(OVERRIDE.replace("0.1", "0.2"))
    assert config_hash(root) not in (before, changed)
