"""Black-box tests of whole systems, on virtual or real benches."""
