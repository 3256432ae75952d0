"""How long programs take that only start, read a file and end."""
