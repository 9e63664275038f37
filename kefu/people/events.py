"""The kinds that `signals.people_changed` carries, past tense."""

BRAND_ADDED = "people.brand_added"  # facts: slug
BRAND_CHANGED = "people.brand_changed"  # facts: changed (names of what is new)
AGENT_SEATED = "people.agent_seated"  # facts: agent, name, role, was (the role before, or "")
AGENT_UNSEATED = "people.agent_unseated"  # facts: agent, name, role
CONSENT_GIVEN = "people.consent_given"  # facts: topic, source, customer
CONSENT_WITHDRAWN = "people.consent_withdrawn"  # facts: topic, source, customer
OWN_DATA_ASKED = "people.own_data_asked"  # facts: asked (kind), number, due_on, rule, customer
PASSWORD_CHANGED = "people.password_changed"  # noqa: S105  no password; facts: agent, name
CUSTOMER_CHANGED = "people.customer_changed"  # facts: customer, changed (names of what is new, never the values)
