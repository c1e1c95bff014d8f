"""How things look in a terminal. Plain structs in, text out; no I/O beyond the console."""
