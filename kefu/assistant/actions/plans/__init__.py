"""Working out, from all that a customer has told, what exactly they want done: order, lines, variants, payment."""
