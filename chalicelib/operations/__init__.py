"""One plain function for each thing that a person wants, as verbs. Refusals are raised, answers are models of the rules."""
