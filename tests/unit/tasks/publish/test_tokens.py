import pytest

from tasks.publish.tokens import NumberKind, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rests on 5 authorities and 5,420 children", [(5, "OTHER"), (5420, "PEOPLE")]),
        ("fewer than 5 and at least 10 children", []),
        ("between £1.2 million and 3 million", [(1_200_000, "MONEY"), (3_000_000, "OTHER")]),
        ("over 3.5% of plans", [(3.5, "SHARE")]),
        ("referred in 10 quarters from 2019-20Q4 to 2022-23Q1.", [(10, "OTHER")]),
    ],
)
def test_thresholds_are_passed_over_and_never_the_beginning_of_a_number(text, expected):
    found = [(token.value, token.kind) for token in tokens(text)]
    assert found == [(value, NumberKind[kind]) for value, kind in expected]
