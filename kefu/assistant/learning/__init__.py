"""What people correct becomes what the assistant understands: see README.md."""
