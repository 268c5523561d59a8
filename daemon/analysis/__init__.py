"""Listens to a programme and says what was heard, what is unusual about it, and what could be done. Does nothing unasked."""
