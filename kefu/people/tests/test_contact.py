import time

import pytest

from kefu.people.contact import normal_email, normal_phone, normal_postcode


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Mira@Example.COM ", "mira@example.com"),
        ("ｍｉｒａ＠example.com", "mira@example.com"),  # full width, as an input method leaves it
        ("o'neil+shop@mail.example.co.uk", "o'neil+shop@mail.example.co.uk"),
        ("林@例子.中国", "林@例子.中国"),
    ],
)
def test_an_address_is_kept_in_one_form(written, stored):
    assert normal_email(written) == stored


@pytest.mark.parametrize(
    "written", ["", "mira", "@", "mira@", "mira@example", "a b@example.com", "a@b..com", "<a@b.com>", "a@b.com,c@d.com",
                "a\x00@b.com", "a." * 200 + "@b.com", "x@" + "a" * 300 + ".com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_cure(written):
    with pytest.raises(ValueError, match="write it like"):
        normal_email(written)


def test_a_long_address_is_refused_at_once():
    started = time.perf_counter()
    for hostile in ("a." * 50_000 + "@", "a@" + "a." * 50_000, "@" * 100_000):
        with pytest.raises(ValueError, match="write it like"):
            normal_email(hostile)
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("written", "country", "stored"),
    [
        ("0151 12345678", "DE", "+4915112345678"),
        ("+49 (151) 123-456-78", "", "+4915112345678"),
        ("0049 151 12345678", "DE", "+4915112345678"),
        ("138 0013 8042", "CN", "+8613800138042"),
        ("１３８００１３８０４２", "CN", "+8613800138042"),
        ("503-555-0147", "US", "+15035550147"),
    ],
)
def test_a_phone_number_is_kept_in_one_form(written, country, stored):
    assert normal_phone(written, country) == stored


@pytest.mark.parametrize("written", ["", "call me", "0151 12345678", "+49 1", "1" * 400, "+", "\x00"])
def test_what_is_no_phone_number_is_refused(written):
    with pytest.raises(ValueError, match=r"phone number|digits"):
        normal_phone(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [(" sw1a  1aa ", "SW1A 1AA"), ("10119", "10119"), ("１０１１９", "10119"), ("00-123", "00-123")],
)
def test_a_postcode_is_kept_in_one_form(written, stored):
    assert normal_postcode(written) == stored


@pytest.mark.parametrize("written", ["", "x" * 30, "<b>", "1;2", "=1"])
def test_what_is_no_postcode_is_refused(written):
    with pytest.raises(ValueError, match="postcode"):
        normal_postcode(written)
