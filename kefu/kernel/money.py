"""Money: whole minor units and a currency, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import total_ordering

from babel.numbers import get_currency_precision


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met. Convert one on purpose before you add or compare."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`minor` counts the currency's smallest unit (cents for EUR, yen for JPY); `currency` is ISO 4217.

    Money(2000, "EUR") is €20.00; Money.of("20.00", "EUR") is the same.
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal | int, currency: str) -> Money:
        """From a decimal amount. Raises ValueError when it has more places than the currency knows."""
        try:
            value = Decimal(str(amount)).scaleb(get_currency_precision(currency))
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount; write it like 20.00") from None
        if not value.is_finite() or value != value.to_integral_value():
            raise ValueError(f"{amount} {currency} has more decimal places than {currency} has")
        return cls(int(value), currency)

    @property
    def amount(self) -> Decimal:
        """The decimal amount, e.g. Decimal("20.00")."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
