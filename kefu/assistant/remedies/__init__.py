"""How a fault is made good: the shop's tables of ways, budgets and guarantees, and the plan for one case."""
