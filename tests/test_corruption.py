"""Words that are wrong at random: nothing wrong is shown, counted, stored or written."""

import os

import pytest

from tests.corruption.examples import run_examples

EXAMPLES = int(os.environ.get("ALPHAESS_CORRUPTIONS", "0"))


@pytest.mark.skipif(not EXAMPLES, reason="ALPHAESS_CORRUPTIONS is not set")
@pytest.mark.timeout(60 + 2 * EXAMPLES)
@pytest.mark.usefixtures("socket_enabled")
def test_wrong_words_have_no_wrong_consequence() -> None:
    result = run_examples(12, EXAMPLES)
    assert not result.failure, result.failure
