"""The command `kefu`: each subcommand in a module of its own."""
