"""Reading what strangers send: bounded first, then decoded, then checked field by field. Never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from kefu.channels.chat.limits import JSON_LIMIT
from kefu.web.chat.problems import BadField, BodyTooLarge, NotJson

Fields = Mapping[str, object]


def declared_length(request: HttpRequest) -> int:
    """Bytes the request says it brings; 0 when it says nothing, and then nothing is read."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def json_object(request: HttpRequest) -> Fields:
    """The body as a JSON object; an empty body is an empty object. Raises BodyTooLarge, NotJson."""
    if declared_length(request) > JSON_LIMIT:
        raise BodyTooLarge(limit_bytes=JSON_LIMIT)
    try:
        body = request.body
    except (UnreadablePostError, RawPostDataException):
        raise NotJson(why="the body broke off") from None
    if len(body) > JSON_LIMIT:
        raise BodyTooLarge(limit_bytes=JSON_LIMIT)
    if not body.strip():
        return {}
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise NotJson(why="the body is not UTF-8") from None
    except RecursionError:
        raise NotJson(why="the body is nested too deeply") from None
    except ValueError:
        raise NotJson(why="the body is not JSON") from None
    if not isinstance(value, dict):
        raise NotJson(why="the body is JSON, but not an object")
    return cast(Fields, value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def text(fields: Fields, name: str, *, limit: int) -> str:
    """A text field, "" when missing or null; without NUL and with lone surrogates replaced. Raises BadField."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField(field=name, why="is not text")
    if len(value) > limit:
        raise BadField(field=name, why=f"has more than {limit} characters")
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def flag(fields: Fields, name: str, *, default: bool) -> bool:
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise BadField(field=name, why="is not true or false")
    return value


def uuid(value: object, name: str) -> UUID:
    """Raises BadField unless `value` is a UUID as text."""
    if isinstance(value, str) and len(value) <= 45:
        try:
            return UUID(value)
        except ValueError:
            pass
    raise BadField(field=name, why="is not a UUID")


def uuids(fields: Fields, name: str, *, limit: int) -> tuple[UUID, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadField(field=name, why="is not a list")
    if len(value) > limit:
        raise BadField(field=name, why=f"has more than {limit} entries")
    return tuple(dict.fromkeys(uuid(one, name) for one in value))


def number(given: str | None, name: str, *, default: int, at_most: int) -> int:
    """A whole number of the query, 1 to `at_most`."""
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and int(given) > 0):
        raise BadField(field=name, why="is not a whole number above 0")
    return min(int(given), at_most)
