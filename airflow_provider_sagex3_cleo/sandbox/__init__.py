"""A Sage X3 and a Cleo on loopback, true to the documented wire behaviour, with faults on demand."""
