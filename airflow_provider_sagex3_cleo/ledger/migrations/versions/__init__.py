"""One file per revision: r0001, r0002, ...; names compare as text."""
