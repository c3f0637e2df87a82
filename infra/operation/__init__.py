"""Operations on a running stage."""
