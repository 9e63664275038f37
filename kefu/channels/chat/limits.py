"""What one chat visitor may send. The reference page names these; a test compares the two."""

from __future__ import annotations

from kefu.kernel.rates import Rate

#: characters of one message
TEXT_LIMIT = 10_000
#: bytes of a JSON body: TEXT_LIMIT characters, each written as an escaped surrogate pair, and the rest around them
JSON_LIMIT = 160 * 1024
#: bytes of one file
FILE_LIMIT = 10 * 1024 * 1024
FILES_A_MESSAGE = 5
#: what bytes may show themselves to be, with the ending their name gets
FILE_TYPES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
}
#: shown in the page; everything else is only ever downloaded
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
#: messages in one answer of the history
PAGE_LIMIT = 100


#: by what is done, then by whom it is counted against; a channel's settings may change the numbers
RATES: dict[str, dict[str, Rate]] = {
    "start": {"ip": Rate(30, 30), "channel": Rate(1_200, 600)},
    "message": {"visitor": Rate(20, 15), "ip": Rate(240, 120), "channel": Rate(3_000, 1_500)},
    "file": {"visitor": Rate(6, 10), "ip": Rate(30, 40), "channel": Rate(300, 300)},
    "read": {"visitor": Rate(120, 60), "ip": Rate(1_200, 600)},
}
