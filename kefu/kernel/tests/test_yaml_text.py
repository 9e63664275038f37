"""YAML that people type: read quickly, and nobody's text ends the process."""

from __future__ import annotations

import pytest
import yaml

from kefu.kernel import yaml_text


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "a: {" * 50_000, "? " * 100_000, "- " * 300 + "x"])
@pytest.mark.parametrize("read", [yaml_text.compose, yaml_text.load])
def test_a_text_nested_without_end_is_refused_and_ends_no_process(read, text):
    with pytest.raises(yaml.YAMLError):
        read(text)


def test_what_people_write_is_read_with_the_line_of_each_part():
    text = "- {id: one, days: 14}\n" * 400  # more brackets than levels are allowed, but none within another
    assert yaml_text.load(text) == [{"id": "one", "days": 14}] * 400
    root = yaml_text.compose("a: 1\nb: [客服, no]\n")
    assert [key.start_mark.line for key, _ in root.value] == [0, 1]
    assert yaml_text.load("a: no", yaml_text.TEXTS) == {"a": "no"}
