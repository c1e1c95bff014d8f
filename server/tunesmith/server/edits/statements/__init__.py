"""The statements that construct a program and set its state: found, read, written and placed."""
