"""What the playbook would do next in a case that a person has, for that person to send, edit or do with one click."""
