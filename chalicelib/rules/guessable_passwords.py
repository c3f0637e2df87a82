"""Passwords that guessers try first: a common word, a row of keys or a repetition, with digits and signs around it.

The list is short because the rule does the rest: capitals, letters written as digits and what stands before or after do not count.
"""

import string

LISTED = """
    abc access account admin administrator baseball bonjour changeme charlie chocolat default demo dragon football freedom guest hello
    iloveyou jesus jetaime letmein liverpool login loulou love lovely master michael monkey motdepasse passe passwort password pokemon
    princess qwertz root rollbook secret shadow soleil starwars summer sunshine superman temp temporary test testing trustno user
    welcome whatever willkommen hallo hola bienvenue contrasena parola sommer
    january february march april may june july august september october november december winter spring autumn
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre hiver printemps automne ete
    monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche
"""
WORDS = frozenset(LISTED.split())
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm")
SHORTEST_ROW = 3
FEWEST_CHARACTERS = 4
"""A password of fewer different characters is a repetition."""
LETTERS = str.maketrans("@4083€15$7", "aaobeeisst")
EDGE = string.digits + string.punctuation + " €"


def is_guessable(password: str) -> bool:
    """Whether the password is among the first that a guesser tries."""
    text = password.lower()
    if len(set(text)) < FEWEST_CHARACTERS:
        return True
    cores = {text.strip(EDGE), text.strip(EDGE).translate(LETTERS), text.translate(LETTERS).strip(EDGE)}
    return any(_is_plain(core) for core in cores)


def _is_plain(core: str) -> bool:
    """Whether nothing is left, or a common word or a row of keys, once or several times."""
    unit = core[: (core + core).find(core, 1)] if core else ""
    rows = (row for forward in ROWS for row in (forward, forward[::-1]))
    return unit in WORDS or not unit or (len(unit) >= SHORTEST_ROW and any(unit in row for row in rows))
